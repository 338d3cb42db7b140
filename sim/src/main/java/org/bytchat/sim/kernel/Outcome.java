package org.bytchat.sim.kernel;

/** What became of a datagram. */
public enum Outcome {
  /** The node handled it. */
  DELIVERED,
  /** It was lost on its way, or the way was cut. */
  LOST,
  /** Nobody ever is at that address. */
  NOBODY,
  /** The node is not up. */
  DOWN,
  /** A router let it not in. */
  FILTERED,
  /** A line was too slow for all that waited for it. */
  OVERFLOWN
}
