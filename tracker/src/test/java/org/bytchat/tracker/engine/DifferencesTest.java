package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Fingerprints;
import org.bytchat.tracker.repair.Item;

/** Goal: what a peer has more is found, in requests that the peer answers. */
class DifferencesTest {

  /** Three levels of ranges: 16 times 16 times 32 are fewer. */
  private static final int MANY = 9_500;

  private static List<Item> items(Random random, int count) {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[Digest.BYTES];
      random.nextBytes(bytes);
      items.add(new Item(Digest.of(bytes), List.of()));
    }
    items.sort(Comparator.comparing(Item::digest));
    return items;
  }

  private static Set<Digest> lacking(List<Item> theirs, List<Item> here) {
    Set<Digest> digests = new LinkedHashSet<>();
    theirs.forEach(item -> digests.add(item.digest()));
    here.forEach(item -> digests.remove(item.digest()));
    return digests;
  }

  /** A peer compares ranges that rise and do not overlap, and answers as many as it likes. */
  private static int compareAll(Differences differences, List<Item> theirs, Random random) {
    int requests = 0;
    for (List<DigestRange> asked = differences.next();
        !asked.isEmpty();
        asked = differences.next()) {
      requests++;
      List<Comparison> comparisons = new ArrayList<>();
      int answered = 1 + random.nextInt(asked.size());
      for (int i = 0; i < asked.size(); i++) {
        if (i > 0) {
          assertThat(asked.get(i - 1).last()).isLessThan(asked.get(i).first());
        }
        if (i < answered) {
          comparisons.add(Fingerprints.compare(theirs, asked.get(i)));
        }
      }
      assertThat(differences.take(asked, comparisons)).isTrue();
    }
    return requests;
  }

  @SeededTest(runs = 20)
  void manyItems_ofWhichSomeAreLacking_areFoundInRisingRanges(long seed) {
    Random random = Seeds.random(seed);
    List<Item> theirs = items(random, MANY);
    List<Item> here = new ArrayList<>(theirs);
    int every = 2 + random.nextInt(300);
    here.removeIf(item -> random.nextInt(every) == 0);
    here.addAll(items(random, random.nextInt(50)));
    here.sort(Comparator.comparing(Item::digest));
    Differences differences = new Differences(RepairRulesTest.CONFIG, here);
    compareAll(differences, theirs, random);
    assertThat(differences.lacking).containsExactlyInAnyOrderElementsOf(lacking(theirs, here));
    assertThat(differences.isCut()).isFalse();
  }

  @SeededTest(runs = 20)
  void limits_belowWhatThePeerHas_cutOffAndAreReached(long seed) {
    Random random = Seeds.random(seed);
    List<Item> theirs = items(random, MANY);
    int rangesMax = 16 + random.nextInt(600);
    int lackingMax = 10 + random.nextInt(300);
    TrackerConfig config =
        RepairOwnLimitsTest.config(
            new TrackerConfig.MailboxLimits(lackingMax - 9, 1 << 20, 9, 3, 50), rangesMax);
    Differences differences = new Differences(config, List.of());
    int requests = compareAll(differences, theirs, random);
    assertThat(requests).isLessThanOrEqualTo(rangesMax);
    assertThat(differences.lacking).hasSizeLessThanOrEqualTo(lackingMax);
    assertThat(differences.isCut()).isTrue();
  }
}
