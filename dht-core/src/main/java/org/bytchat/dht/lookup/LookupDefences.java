package org.bytchat.dht.lookup;

/**
 * What a lookup does against liars.
 *
 * @param scoring whether those whom discredited sources named come last
 * @param perSubnet how many of a subnet come first
 * @param perNetwork how many of a network come first
 * @param exemptLocal whether these two do not hold for local addresses
 * @param crowd how to tell a crowd
 */
public record LookupDefences(
    boolean scoring, int perSubnet, int perNetwork, boolean exemptLocal, Crowd crowd) {

  /** Nothing. */
  public static final LookupDefences NONE =
      new LookupDefences(false, Integer.MAX_VALUE, Integer.MAX_VALUE, false, Crowd.NEVER);

  /**
   * How to tell that a key is crowded with nodes.
   *
   * @param reach the upper 64 bits, without sign, of the distance within which nodes are counted
   * @param least so many nodes are a crowd
   * @param isProving whether those within reach must then prove their ids
   * @param asksBoth whether they are asked about the key as well as about themselves
   * @param salt what the order of a crowd follows from
   */
  public record Crowd(long reach, int least, boolean isProving, boolean asksBoth, long salt) {

    /** There is none. */
    public static final Crowd NEVER = new Crowd(0, Integer.MAX_VALUE, false, false, 0);
  }
}
