package org.bytchat.sim.scenario;

/** How messages travel between simulated nodes. */
public enum Mode {
  /** As objects; their encoded sizes are computed. */
  OBJECT,
  /** Encoded and decoded by the production codec. */
  CODEC
}
