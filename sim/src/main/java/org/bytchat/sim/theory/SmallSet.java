package org.bytchat.sim.theory;

/** A set of a few numbers from 0, by open addressing. */
final class SmallSet {

  /** Each number plus one; 0 is a free place. */
  private final int[] places;

  private final int mask;

  SmallSet(int sizeMax) {
    int length = Integer.highestOneBit(sizeMax) * 4;
    places = new int[length];
    mask = length - 1;
  }

  /** Adds a number; returns whether it is new. */
  boolean add(int number) {
    int hash = number * 0x9E3779B1;
    int place = (hash ^ hash >>> 16) & mask;
    while (places[place] != 0) {
      if (places[place] == number + 1) {
        return false;
      }
      place = place + 1 & mask;
    }
    places[place] = number + 1;
    return true;
  }
}
