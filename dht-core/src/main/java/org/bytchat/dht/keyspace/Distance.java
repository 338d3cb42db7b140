package org.bytchat.dht.keyspace;

import java.util.HexFormat;
import org.apiguardian.api.API;

/**
 * The XOR of two ids, an unsigned 160-bit number (Maymounkov and Mazières 2002, section 2.1).
 *
 * <p>A type of its own, so that an id and a distance cannot be mixed up.
 *
 * @param high bits 0 to 63, the most significant ones
 * @param middle bits 64 to 127
 * @param low bits 128 to 159
 */
@API(status = API.Status.EXPERIMENTAL)
public record Distance(long high, long middle, int low) implements Comparable<Distance> {

  /** The distance of an id to itself. */
  public static final Distance ZERO = new Distance(0, 0, 0);

  /**
   * Returns the index of the most significant set bit, which is the length of the common prefix.
   *
   * @return 0 to 159, or 160 for {@link #ZERO}
   */
  public int leadingZeros() {
    if (high != 0) {
      return Long.numberOfLeadingZeros(high);
    }
    return middle != 0
        ? 64 + Long.numberOfLeadingZeros(middle)
        : 128 + Integer.numberOfLeadingZeros(low);
  }

  @Override
  public int compareTo(Distance other) {
    int order = Long.compareUnsigned(high, other.high);
    if (order == 0) {
      order = Long.compareUnsigned(middle, other.middle);
    }
    return order != 0 ? order : Integer.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high)
        + HexFormat.of().toHexDigits(middle)
        + HexFormat.of().toHexDigits(low);
  }
}
