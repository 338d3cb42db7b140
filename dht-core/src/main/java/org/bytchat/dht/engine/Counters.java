package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The counters of one engine: 64 bits each, of which the upper halves take no memory while zero.
 */
final class Counters {

  private static final int COUNT = Counter.values().length;
  private static final int[] NOTHING = {};

  private final int[] low = new int[COUNT];
  private int[] high = NOTHING;

  void add(Counter counter, long amount) {
    int index = counter.ordinal();
    long sum = Integer.toUnsignedLong(low[index]) + amount;
    low[index] = (int) sum;
    if (sum >>> 32 != 0) {
      high = high.length == 0 ? new int[COUNT] : high;
      high[index] += (int) (sum >>> 32);
    }
  }

  /** Returns all values in the order of the counters. */
  List<Long> values() {
    List<Long> values = new ArrayList<>(COUNT);
    for (int i = 0; i < COUNT; i++) {
      long upper = high.length == 0 ? 0 : high[i];
      values.add(upper << 32 | Integer.toUnsignedLong(low[i]));
    }
    return values;
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return low[0] ^ low[COUNT / 2] ^ low[COUNT - 1];
  }
}
