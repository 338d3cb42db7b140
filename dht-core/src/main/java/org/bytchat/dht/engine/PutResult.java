package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What became of a put, node by node.
 *
 * @param place where it went: to the nodes closest to this
 * @param sequence the record's sequence, 0 for chunks
 * @param nodes what each node that was asked did, nearest first; empty if nobody was found
 * @param isEnough whether at least w nodes stored it, and in each address family as many, or all
 *     that were found there
 * @param isSuperseded whether a node held or remembered something newer
 */
@API(status = API.Status.EXPERIMENTAL)
public record PutResult(
    NodeId place, long sequence, List<NodeOutcome> nodes, boolean isEnough, boolean isSuperseded) {

  /** How likely one holder is taken to be gone, without a word, before its copy is replaced. */
  private static final double HOLDER_LOSS = 0.1;

  public PutResult {
    nodes = List.copyOf(nodes);
  }

  /** What a node did. */
  public enum Outcome {
    /** It holds all that was put. */
    STORED,
    /** It refused; the code says why. */
    REJECTED,
    /** It did not answer in time. */
    TIMED_OUT
  }

  /**
   * What one node did.
   *
   * @param id the node's id
   * @param contact where it is, null for the node itself that put
   * @param outcome what it did
   * @param errorCode why it refused, see {@link org.bytchat.dht.wire.ErrorCode}; 0 if it did not
   * @param reason its words for that, empty if it gave none
   */
  public record NodeOutcome(
      NodeId id, @Nullable Contact contact, Outcome outcome, int errorCode, String reason) {}

  /**
   * Returns how many nodes hold it. A node that was asked in both families counts once.
   *
   * @return the count
   */
  public int stored() {
    return storedBy(nodes);
  }

  /** Returns how many different nodes stored something. */
  static int storedBy(List<NodeOutcome> nodes) {
    return (int)
        nodes.stream()
            .filter(node -> node.outcome == Outcome.STORED)
            .map(node -> node.id)
            .distinct()
            .count();
  }

  /**
   * Estimates how likely it is that at least one copy is there until somebody next looks after
   * them. An estimate for people to compare by, from one assumption: each holder is gone by then
   * with probability 0.1, independently of the others.
   *
   * @return 0 to 1
   */
  public double durability() {
    double lost = 1;
    for (int i = 0; i < stored(); i++) {
      lost *= HOLDER_LOSS;
    }
    return stored() == 0 ? 0 : 1 - lost;
  }
}
