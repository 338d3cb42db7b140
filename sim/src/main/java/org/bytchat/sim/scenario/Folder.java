package org.bytchat.sim.scenario;

/** What a node that returns finds of its data folder. */
public enum Folder {
  /** All that it had kept. */
  KEPT,
  /** Nothing. */
  LOST,
  /** All but the end of what was being written; after crashes only. */
  TORN
}
