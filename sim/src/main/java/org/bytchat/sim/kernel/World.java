package org.bytchat.sim.kernel;

import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Packet;

/**
 * What the nodes of a run are and stand in: whoever implements it decides what the kernel does not.
 *
 * <p>The methods that are given a node are called by the thread that handles the node's events and
 * may change what belongs to that node alone; all others must not change anything. So a run does
 * not depend on the number of threads.
 */
public interface World {

  /**
   * Returns how many nodes there are, those included that are not up yet.
   *
   * @return 1 to 16,777,216
   */
  int nodes();

  /**
   * Returns where a node is.
   *
   * @param node its number
   * @return its endpoint, the same for the whole run
   */
  Endpoint endpoint(int node);

  /**
   * Returns who is at an endpoint.
   *
   * @param endpoint where
   * @return the node's number, -1 if there is nobody
   */
  int indexOf(Endpoint endpoint);

  /**
   * Returns the instance of contacts to share.
   *
   * @return a look-up that any thread may use
   */
  ContactInterner interner();

  /**
   * Returns what becomes of datagrams on their way.
   *
   * @return the links
   */
  Links links();

  /**
   * Tells whether a node is behind a router that lets in only what was asked for.
   *
   * @param node its number
   * @return whether it is
   */
  boolean isBehindNat(int node);

  /**
   * Returns how long a router remembers whom a node behind it sent to.
   *
   * @return microseconds
   */
  long mappingMicros();

  /**
   * Makes what a node's next life begins with.
   *
   * @param node the node, not up
   * @return its key, configuration and random numbers
   */
  EngineSetup setup(SimNode node);

  /**
   * Starts the engine of a new life: clock, records and contacts of an earlier life, start.
   *
   * @param node the node
   * @param engine its engine, which nothing was done with
   * @param nowMicros the time
   */
  void begin(SimNode node, NodeEngine engine, long nowMicros);

  /**
   * Performs an effect; the node is told of its result later.
   *
   * @param node the node
   * @param effect what to do
   * @param nowMicros the time
   * @return the result
   */
  Effect.Result perform(SimNode node, Effect effect, long nowMicros);

  /**
   * Returns how long an effect takes.
   *
   * @return microseconds, at least 1
   */
  long effectMicros();

  /**
   * Makes one observer for each thread.
   *
   * @return a new one
   */
  Observer observer();

  /** Is told what the nodes of one thread tell. */
  interface Observer {

    /**
     * Takes an event.
     *
     * @param node whose
     * @param event what it told
     * @param nowMicros the time
     */
    void onEvent(SimNode node, EngineEvent event, long nowMicros);

    /**
     * Looks at a node after it has handled something.
     *
     * @param node the node, up
     * @param nowMicros the time
     */
    void onHandled(SimNode node, long nowMicros);

    /**
     * Looks at a node before it is handed a datagram with a source that is not its sender's.
     *
     * @param node the node, up
     */
    default void beforeEcho(SimNode node) {}

    /**
     * Looks at it again afterwards.
     *
     * @param node the node, up
     */
    default void afterEcho(SimNode node) {}
  }

  /** Something that the schedule has a node do. */
  @FunctionalInterface
  interface Action {

    /**
     * Does it.
     *
     * @param node the node, perhaps not up
     * @param control starts and stops it
     */
    void perform(SimNode node, Control control);
  }

  /** What an action can do to its node. */
  interface Control {

    /**
     * Returns the time.
     *
     * @return virtual microseconds
     */
    long nowMicros();

    /**
     * Starts a node.
     *
     * @param node one that is not up
     */
    void start(SimNode node);

    /**
     * Stops a node without a word.
     *
     * @param node one that is up
     */
    void stop(SimNode node);

    /**
     * Sends a message from a place without a node.
     *
     * @param from the place
     * @param to where to
     * @param packet the message
     * @return the length of the datagram
     */
    int send(SimNode from, Endpoint to, Packet packet);

    /**
     * Sends a message in somebody else's name. It travels and gets lost as one of the sender's;
     * answers go to whom it names, and a router lets it in as it would his.
     *
     * @param sender the place that it comes from
     * @param claimed where it says that it comes from, somebody's place or nobody's
     * @param to where to
     * @param packet the message
     * @return the length of the datagram
     */
    int sendAs(SimNode sender, Endpoint claimed, Endpoint to, Packet packet);

    /**
     * Has something happen to the node that an action or message is for at present.
     *
     * @param self that node
     * @param atMicros when, later than now
     * @param action what
     * @throws IllegalArgumentException if it is not later
     */
    void again(SimNode self, long atMicros, Action action);

    /**
     * Has something happen to another machine, as when a stream between the two carries it there.
     * What one machine carries to another for one time happens in the order of the calls.
     *
     * @param self the machine that an action or message is for at present
     * @param to the other's number
     * @param atMicros when, no earlier than the links' floor after now
     * @param action what
     * @throws IllegalArgumentException if it is earlier
     */
    void carry(SimNode self, int to, long atMicros, Action action);

    /**
     * Has the trace tell of something beside datagrams.
     *
     * @param self the machine that an action or message is for at present
     * @param what any number, the same in equal runs
     */
    void note(SimNode self, long what);

    /**
     * Returns the thread's observer.
     *
     * @return what {@link World#observer} made
     */
    Observer observer();
  }
}
