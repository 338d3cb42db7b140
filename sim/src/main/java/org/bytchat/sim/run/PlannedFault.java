package org.bytchat.sim.run;

import java.util.List;
import org.bytchat.sim.scenario.Folder;

/**
 * A fault of a plan, each a thing of its own that can be left out without changing the others.
 *
 * <p>Who is hit is a list of nodes, or a share of them by a hash of the fault's salt, so that it
 * does not depend on the faults beside it.
 */
public sealed interface PlannedFault {

  /**
   * Returns when it begins.
   *
   * @return virtual microseconds
   */
  long atMicros();

  /**
   * Returns when it is over.
   *
   * @return virtual microseconds
   */
  long endMicros();

  /**
   * Nothing gets from one group of nodes to another.
   *
   * @param atMicros when it begins
   * @param endMicros when it ends
   * @param salt what groups are drawn by
   * @param share of nodes in the first group, or 0 if there are several of one size
   * @param groups how many groups there are
   * @param oneWay whether only what leaves the first group is cut
   */
  record Cut(long atMicros, long endMicros, long salt, double share, int groups, boolean oneWay)
      implements PlannedFault {}

  /**
   * Nothing gets to or from some nodes.
   *
   * @param atMicros when it begins
   * @param endMicros when it ends
   * @param nodes which
   */
  record Isolation(long atMicros, long endMicros, List<Integer> nodes) implements PlannedFault {

    public Isolation {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * More datagrams get lost.
   *
   * @param atMicros when it begins
   * @param endMicros when it ends
   * @param salt what datagrams are drawn by
   * @param share of datagrams, 0 to 1
   */
  record Losses(long atMicros, long endMicros, long salt, double share) implements PlannedFault {}

  /**
   * Some datagrams arrive a second time, a little earlier, as if somebody else had sent them.
   *
   * @param atMicros when it begins
   * @param endMicros when it ends
   * @param salt what datagrams are drawn by
   * @param share of datagrams, 0 to 1
   */
  record Echo(long atMicros, long endMicros, long salt, double share) implements PlannedFault {}

  /**
   * A stranger tries to have a node take a record that it must refuse.
   *
   * @param atMicros when
   * @param endMicros the same
   * @param place where the stranger is: a node of the plan that is never up
   * @param victim the node
   * @param trick what the stranger tries
   */
  record Probe(long atMicros, long endMicros, int place, int victim, Trick trick)
      implements PlannedFault {}

  /** What a stranger tries. */
  enum Trick {
    /** To write with a token that was given for another key. */
    OTHER_TOKEN,
    /** To write an older version after a newer one was taken. */
    OLDER_VERSION,
    /** To write a record with a signature that is not its owner's. */
    FORGED
  }

  /**
   * A node stops without a word.
   *
   * @param atMicros when
   * @param endMicros when it starts again, {@link Long#MAX_VALUE} for never
   * @param node which
   * @param folder what it finds then
   * @param torn how much of its last write was done, 0 to 1
   */
  record Crash(long atMicros, long endMicros, int node, Folder folder, double torn)
      implements PlannedFault {}

  /**
   * A node's clock is set to a wrong time.
   *
   * @param atMicros when
   * @param endMicros the same
   * @param node which
   * @param byMillis how far it is set ahead, negative for back
   */
  record ClockStep(long atMicros, long endMicros, int node, long byMillis)
      implements PlannedFault {}
}
