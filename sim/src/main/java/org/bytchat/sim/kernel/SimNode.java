package org.bytchat.sim.kernel;

import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.node.DatagramNode;
import org.jspecify.annotations.Nullable;

/** One machine of a run: a place in the network, and the node that runs there at times. */
public final class SimNode {

  private final int index;
  private final Calls calls;

  @Nullable NodeEngine engine;

  /** The whole node in codec mode, null in object mode. */
  @Nullable DatagramNode node;

  int life;

  /** When its deadline was handled last. */
  long firedMicros = -1;

  /** The datagrams it has sent, in all lives. */
  long sent;

  /** The events of its own that it has made, in all lives. */
  long made;

  /** The rolling hash over what it sent and received. */
  long trace;

  /** When its lines are free again. */
  long upFreeMicros;

  long downFreeMicros;

  @Nullable Mappings mappings;

  private @Nullable Stranger stranger;

  @Nullable Resident resident;

  SimNode(int index, Calls calls) {
    this.index = index;
    this.calls = calls;
  }

  /**
   * Returns the node's number.
   *
   * @return 0 or more
   */
  public int index() {
    return index;
  }

  /**
   * Tells whether a node runs here at present.
   *
   * @return whether it does
   */
  public boolean isUp() {
    return engine != null;
  }

  /**
   * Returns which life this is.
   *
   * @return 0 before the first start, and so on
   */
  public int life() {
    return life;
  }

  /**
   * Returns when the node will be called if nothing else happens to it.
   *
   * @return virtual microseconds, {@link Long#MAX_VALUE} for never
   */
  public long calledAtMicros() {
    return calls.plannedMicros(index);
  }

  /**
   * Returns the engine.
   *
   * @return the engine of this life
   * @throws IllegalStateException if the node is not up
   */
  public NodeEngine engine() {
    NodeEngine running = engine;
    if (running == null) {
      throw new IllegalStateException("node " + index + " is not up");
    }
    return running;
  }

  /**
   * Puts somebody here who is no node.
   *
   * @param who takes the messages that arrive while no node is up
   */
  public void place(Stranger who) {
    stranger = who;
  }

  /**
   * Has something run beside the node here, in all its lives.
   *
   * @param who it
   */
  public void house(Resident who) {
    resident = who;
  }

  @Nullable Stranger stranger() {
    return stranger;
  }
}
