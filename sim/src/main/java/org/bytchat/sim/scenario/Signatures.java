package org.bytchat.sim.scenario;

/** What signs the proofs of ids and the records. */
public enum Signatures {
  /** A keyed hash whose keys and signatures are as long as those of Ed25519. */
  SIMULATED,
  /** The real scheme, which costs most of the run's time. */
  ED25519
}
