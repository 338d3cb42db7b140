package org.bytchat.tracker.engine;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Fingerprints;
import org.bytchat.tracker.repair.Item;

/**
 * What a peer has of a mailbox and this tracker lacks, found range by range. What the limits here
 * leave no room for is left out, and is no fault of the peer, whose limits may be others.
 */
final class Differences {

  /** How many ranges are compared at once. */
  private static final int RANGES_AT_ONCE = 32;

  private final int rangesMax;
  private final int lackingMax;
  private final List<Item> items;

  /** What is here, as it was when the repair began. */
  private final Map<Digest, Item> here = new LinkedHashMap<>();

  /**
   * Those to be compared yet, by their first digest: the lowest next, so that few are open at once,
   * and rising, since a peer compares no others.
   */
  private final NavigableMap<Digest, DigestRange> ranges = new TreeMap<>();

  private int comparedCount;
  private boolean isCut;

  /** What the peer has and this tracker lacks. */
  final Set<Digest> lacking = new LinkedHashSet<>();

  /** Whose acknowledgements the peer has and this tracker lacks. */
  final Map<Digest, Set<DeviceId>> unacked = new LinkedHashMap<>();

  /** Begins with the whole of a mailbox. */
  Differences(TrackerConfig config, List<Item> items) {
    this.rangesMax = config.repair().rangesMax();
    this.lackingMax = config.mailbox().envelopesMax() + config.mailbox().tombstonesMax();
    this.items = items;
    items.forEach(item -> here.put(item.digest(), item));
    add(range(DigestRange.LOWEST, DigestRange.HIGHEST));
  }

  private void add(DigestRange range) {
    ranges.put(range.first(), range);
  }

  private DigestRange range(Digest first, Digest last) {
    DigestRange blank = new DigestRange(first, last, first);
    return new DigestRange(first, last, Fingerprints.of(Fingerprints.within(items, blank)));
  }

  /** Returns the ranges to be compared next, none if that is enough for now. */
  List<DigestRange> next() {
    int room = Math.min(RANGES_AT_ONCE, rangesMax - comparedCount);
    isCut |= room <= 0 && !ranges.isEmpty();
    return ranges.values().stream().limit(Math.max(0, room)).toList();
  }

  /** Tells whether limits left something out. */
  boolean isCut() {
    return isCut;
  }

  /** Takes comparisons of the first of some ranges; tells whether they are ones of those. */
  boolean take(List<DigestRange> asked, List<Comparison> comparisons) {
    if (comparisons.isEmpty() || comparisons.size() > asked.size()) {
      return false;
    }
    for (int i = 0; i < comparisons.size(); i++) {
      DigestRange range = asked.get(i);
      Comparison comparison = comparisons.get(i);
      ranges.remove(range.first());
      comparedCount++;
      boolean isOfRange =
          comparison instanceof Comparison.Split split
              ? takeSplit(range, split.ranges())
              : !(comparison instanceof Comparison.Items listed)
                  || takeItems(range, listed.items());
      if (!isOfRange) {
        return false;
      }
    }
    return true;
  }

  private boolean takeSplit(DigestRange asked, List<DigestRange> parts) {
    Digest before = null;
    for (DigestRange part : parts) {
      boolean rises = before == null || before.compareTo(part.first()) < 0;
      if (!rises || !asked.contains(part.first()) || !asked.contains(part.last())) {
        return false;
      }
      before = part.last();
      DigestRange ours = range(part.first(), part.last());
      if (ours.fingerprint().equals(part.fingerprint())) {
        continue;
      }
      if (ranges.size() < rangesMax) {
        add(ours);
      } else {
        isCut = true;
      }
    }
    return true;
  }

  private boolean takeItems(DigestRange asked, List<Item> listed) {
    Digest before = null;
    for (Item item : listed) {
      Digest digest = item.digest();
      if (!asked.contains(digest) || (before != null && before.compareTo(digest) >= 0)) {
        return false;
      }
      before = digest;
      Item ours = here.get(digest);
      if (ours == null && lacking.size() >= lackingMax) {
        isCut = true;
        continue;
      }
      Set<DeviceId> devices = new LinkedHashSet<>(item.devices());
      if (ours == null) {
        lacking.add(digest);
      } else {
        ours.devices().forEach(devices::remove);
      }
      if (!devices.isEmpty()) {
        unacked.put(digest, devices);
      }
    }
    return true;
  }

  /** Leaves out what need not be pulled, and what is here by now. */
  void narrow(Mailbox mailbox, Set<Digest> refused) {
    lacking.removeIf(digest -> refused.contains(digest) || mailbox.find(digest) != null);
    unacked.keySet().removeAll(refused);
    unacked.forEach(
        (digest, devices) -> {
          // Of a list that is not taken here: what they sign counts for nothing.
          devices.removeIf(device -> mailbox.listed(device) == null);
          Held held = mailbox.find(digest);
          if (held != null) {
            devices.removeIf(device -> mailbox.isAcknowledged(held, device));
          }
        });
    unacked.values().removeIf(Set::isEmpty);
  }
}
