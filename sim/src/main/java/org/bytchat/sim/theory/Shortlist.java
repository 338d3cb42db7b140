package org.bytchat.sim.theory;

/** The closest contacts that a lookup knows, whether each has been asked, and how it was found. */
final class Shortlist {

  private final long target;
  private final long[] distances;
  private final int[] depths;
  private final boolean[] asked;
  private int size;

  Shortlist(long target, int capacity) {
    this.target = target;
    distances = new long[capacity];
    depths = new int[capacity];
    asked = new boolean[capacity];
  }

  long target() {
    return target;
  }

  int capacity() {
    return distances.length;
  }

  int size() {
    return size;
  }

  long id(int place) {
    return distances[place] ^ target;
  }

  int depth(int place) {
    return depths[place];
  }

  /** Adds a contact unless it is known or too far; what falls out can never come back. */
  void add(long id, int depth) {
    long distance = id ^ target;
    int place = size;
    while (place > 0 && Long.compareUnsigned(distances[place - 1], distance) > 0) {
      place--;
    }
    if (place == distances.length || place > 0 && distances[place - 1] == distance) {
      return;
    }
    int moved = Math.min(size, distances.length - 1) - place;
    System.arraycopy(distances, place, distances, place + 1, moved);
    System.arraycopy(depths, place, depths, place + 1, moved);
    System.arraycopy(asked, place, asked, place + 1, moved);
    distances[place] = distance;
    depths[place] = depth;
    asked[place] = false;
    size = Math.min(size + 1, distances.length);
  }

  /** Marks the closest contacts not yet asked, as many as fit; returns how many. */
  int ask(long[] ids, int[] theirDepths) {
    int count = 0;
    for (int place = 0; place < size && count < ids.length; place++) {
      if (!asked[place]) {
        asked[place] = true;
        ids[count] = id(place);
        theirDepths[count] = depths[place];
        count++;
      }
    }
    return count;
  }
}
