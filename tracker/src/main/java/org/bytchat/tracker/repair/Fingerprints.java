package org.bytchat.tracker.repair;

import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.wire.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprints of what a mailbox has, by which two trackers find the difference (range-based set
 * reconciliation: Meyer, "Range-Based Set Reconciliation", SRDS 2023).
 *
 * <p>They are SHA-256 over the items in their order, and not a sum or XOR of hashes: items for
 * which such a sum is any wanted value can be computed (Wagner 2002, the generalized birthday), and
 * whoever deposits chooses the digests.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Fingerprints {

  private static final byte[] NONE = new byte[0];

  /** A range with more items than this is divided into as many parts. */
  private static final int DIVISOR = Comparison.PARTS_MAX / 2;

  private Fingerprints() {}

  /**
   * Hashes items.
   *
   * @param items by digest
   * @return the SHA-256 of their forms, one after the other
   */
  public static Digest of(List<Item> items) {
    byte[][] parts = new byte[items.size()][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = items.get(i).toBytes();
    }
    return Digest.sha256(parts);
  }

  /**
   * Hashes the lists of a mailbox, without their signatures: one may sign the same twice.
   *
   * @param list the device list, null if there is none
   * @param keys the delivery keys, null if there are none
   * @return the SHA-256 of the hash of each, which is the SHA-256 of no bytes for none
   */
  public static Digest ofLists(@Nullable DeviceList list, @Nullable DeliveryKeys keys) {
    return Digest.sha256(
        list == null ? Sha256.of(NONE) : list.hash(), keys == null ? Sha256.of(NONE) : keys.hash());
  }

  /**
   * Hashes a mailbox.
   *
   * @param lists what {@link #ofLists} gave
   * @param items what {@link #of} gave for all items
   * @return the fingerprint of a {@link Summary}
   */
  public static Digest ofMailbox(Digest lists, Digest items) {
    return Digest.sha256(lists.toBytes(), items.toBytes());
  }

  /**
   * Returns the items of a range.
   *
   * @param items all items, by digest
   * @param range the range
   * @return those in it, a view
   */
  public static List<Item> within(List<Item> items, DigestRange range) {
    int from = firstNotBelow(items, range.first());
    int to = firstNotBelow(items, range.last());
    if (to < items.size() && items.get(to).digest().equals(range.last())) {
      to++;
    }
    return items.subList(from, Math.max(from, to));
  }

  private static int firstNotBelow(List<Item> items, Digest digest) {
    int low = 0;
    int high = items.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (items.get(middle).digest().compareTo(digest) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Compares a range with what somebody else has in it.
   *
   * @param items all items here, by digest
   * @param asked the range, with their fingerprint
   * @return same, or the items here if they are few, or the parts of the range
   */
  public static Comparison compare(List<Item> items, DigestRange asked) {
    List<Item> inside = within(items, asked);
    if (of(inside).equals(asked.fingerprint())) {
      return new Comparison.Same();
    }
    return inside.size() <= Comparison.PARTS_MAX
        ? new Comparison.Items(inside)
        : new Comparison.Split(divide(inside, asked));
  }

  /** Divides by the number of items: digests that were chosen make no part larger. */
  private static List<DigestRange> divide(List<Item> inside, DigestRange whole) {
    List<DigestRange> ranges = new ArrayList<>(DIVISOR);
    Digest first = whole.first();
    for (int i = 0; i < DIVISOR; i++) {
      int from = inside.size() * i / DIVISOR;
      int to = inside.size() * (i + 1) / DIVISOR;
      boolean isLast = i == DIVISOR - 1;
      Digest last = isLast ? whole.last() : before(inside.get(to).digest());
      ranges.add(new DigestRange(first, last, of(inside.subList(from, to))));
      if (!isLast) {
        first = inside.get(to).digest();
      }
    }
    return ranges;
  }

  /** The digest just below one that is not the lowest. */
  private static Digest before(Digest digest) {
    byte[] bytes = digest.toBytes();
    int i = bytes.length - 1;
    while (bytes[i] == 0) {
      bytes[i] = (byte) 0xff;
      i--;
    }
    bytes[i]--;
    return Digest.of(bytes);
  }
}
