package org.bytchat.dht.lookup;

import java.util.List;
import org.bytchat.dht.keyspace.NodeId;

/**
 * What a lookup does against liars.
 *
 * @param scoring whether those whom discredited sources named come last
 * @param seedsToo how many of those that the lookup began with, and did not ask, are asked in the
 *     end
 * @param isProving whether those that answered must prove their ids to be among the closest
 * @param perSubnet how many of a subnet come first
 * @param perNetwork how many of a network come first
 * @param exemptLocal whether these two do not hold for local addresses
 * @param crowd how to tell a crowd
 */
public record LookupDefences(
    boolean scoring,
    int seedsToo,
    boolean isProving,
    int perSubnet,
    int perNetwork,
    boolean exemptLocal,
    Crowd crowd) {

  private static final int ALL = Integer.MAX_VALUE;

  /** Nothing. */
  public static final LookupDefences NONE =
      new LookupDefences(false, 0, false, ALL, ALL, false, Crowd.NEVER);

  /**
   * How to tell that a key is crowded with nodes.
   *
   * @param reach the upper 64 bits, without sign, of the distance up to which a crowd is looked at
   * @param signs each tells of a crowd
   * @param isProving whether those within reach must then prove their ids
   * @param asksBoth whether they are asked about the key as well as about themselves
   * @param salt what the order of a crowd follows from
   */
  public record Crowd(
      long reach, List<Sign> signs, boolean isProving, boolean asksBoth, long salt) {

    /** There is none. */
    public static final Crowd NEVER = new Crowd(0, List.of(), false, false, 0);

    public Crowd {
      signs = List.copyOf(signs);
    }

    /** Returns a number that says when a node of a crowd is asked: those with lower ones first. */
    long orderOf(NodeId id) {
      long bits = (id.middle() ^ id.low() ^ salt) * 0x9E3779B97F4A7C15L;
      return (bits ^ bits >>> 32) * 0xD1B54A32D192ED03L;
    }
  }

  /**
   * More nodes near a key than chance puts there.
   *
   * @param reach the upper 64 bits, without sign, of the distance within which nodes are counted
   * @param least so many of them are a crowd
   * @param isOfAnswers whether only those that answered count, and not some that were named
   */
  public record Sign(long reach, int least, boolean isOfAnswers) {}
}
