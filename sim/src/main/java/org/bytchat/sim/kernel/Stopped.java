package org.bytchat.sim.kernel;

/** Nobody wants a run to go on. */
final class Stopped extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Stopped() {
    super("stopped", null, false, false);
  }
}
