package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.Item;
import org.junit.jupiter.api.Test;

/** A tracker that withholds names some of what it does not give. */
class WithholdingTest {

  private static final int COUNT = 200;

  private final MailCounts counts = new MailCounts();
  private final Withholding withholding = new Withholding(5, counts);
  private final List<Digest> digests =
      IntStream.range(0, COUNT)
          .mapToObj(number -> Samples.envelope(number).digest())
          .sorted(Comparator.naturalOrder())
          .toList();

  private List<Digest> named() {
    List<Digest> named = new ArrayList<>();
    for (Digest digest : digests) {
      Response.Compared compared =
          new Response.Compared(
              digest, List.of(new Comparison.Items(List.of(new Item(digest, List.of())))));
      Response.Compared left = (Response.Compared) withholding.withheld(compared);
      Comparison.Items items = (Comparison.Items) left.comparisons().get(0);
      items.items().forEach(item -> named.add(item.digest()));
    }
    return named;
  }

  private List<Digest> given() {
    List<Copy> copies =
        digests.stream().map(digest -> new Copy(new Copy.Head(digest, 1, null), null)).toList();
    Response.Pulled left =
        (Response.Pulled) withholding.withheld(new Response.Pulled(copies, List.of()));
    return left.copies().stream().map(copy -> copy.head().digest()).toList();
  }

  private List<Digest> acknowledged() {
    Users.User user = Samples.user();
    List<AckBatch> batches =
        digests.stream()
            .map(
                digest ->
                    AckBatch.sign(
                        user.mailbox(),
                        user.deviceId(0),
                        List.of(digest),
                        Samples.NETWORK,
                        user.devices().get(0)::sign))
            .toList();
    Response.Pulled left =
        (Response.Pulled) withholding.withheld(new Response.Pulled(List.of(), batches));
    return left.acks().stream().map(batch -> batch.digests().get(0)).toList();
  }

  @Test
  void items_areNamedAndNotGiven() {
    List<Digest> named = named();
    List<Digest> given = given();
    assertThat(given.size()).isBetween(COUNT / 2, COUNT * 9 / 10);
    assertThat(named).containsAll(given);
    assertThat(named.size()).isBetween(given.size() + 1, COUNT - 1);
    assertThat(counts.withheld).isEqualTo(2L * COUNT - named.size() - given.size());
  }

  @Test
  void items_areTheSameEachTimeAndOthersElsewhere() {
    List<Digest> given = given();
    assertThat(given()).isEqualTo(given);
    assertThat(acknowledged()).isEqualTo(given);
    Withholding other = new Withholding(6, counts);
    assertThat(digests.stream().filter(digest -> !other.isWithheld(digest)).toList())
        .isNotEqualTo(given);
  }

  @Test
  void machines_aboutHalfOfThemAreRefused() {
    long refused = IntStream.range(0, COUNT).filter(withholding::refuses).count();
    assertThat(refused).isBetween(COUNT / 4L, COUNT * 3 / 4L);
  }
}
