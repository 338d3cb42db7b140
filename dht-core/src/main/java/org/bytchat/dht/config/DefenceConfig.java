package org.bytchat.dht.config;

import org.apiguardian.api.API;

/**
 * What a node does against peers that lie. Each can be switched off, so that its worth and its cost
 * can be measured; see also {@link DhtConfig#proofOfId} and {@link LookupConfig#paths}. Limits for
 * subnets and networks do not hold for local addresses in {@link Scope#LOCAL}.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param puzzleBits leading zero bits that the puzzle of a node's key must have, the same in the
 *     whole network; 0 to 32, default 0
 * @param strictTable whether a contact above the diversity limits enters the table only while fewer
 *     than 3 bucketSize others are in it, default true
 * @param unsolicitedPerBucket contacts of a bucket that became known because they asked us
 *     something; 1 to 44, default 5
 * @param learntPerLookup contacts that the table takes of those that one of its lookups found; 0 to
 *     1,000, default 5; 0 is whoever answers in any lookup
 * @param lookupPerSubnet contacts of one /24 (IPv6: /48) among those that a lookup is about, while
 *     there are others; 1 to 1,000, default 2
 * @param lookupPerNetwork the same for one /16 (IPv6: /32); 1 to 1,000, default 8
 * @param scoring whether a lookup stops asking those whom peers named that named others in vain,
 *     default true
 * @param coverage whether records go to all within the distance that should have as many nodes as
 *     hold a record, and to others than those of one network, and lookups near a key that is
 *     crowded with nodes go on until as many honest nodes as the network should have there are
 *     covered, default true
 * @param provenHolders whether nodes must prove their ids before they are given a record to hold,
 *     and where they crowd, default true
 * @param pacing whether requests go slower while contacts are silent, default true
 * @param secureIds whether a contact whose id does not follow from its address, as BEP 42 has it,
 *     is treated as above the limits of the table; makes sense in Mainline's dialect only, default
 *     false
 */
@API(status = API.Status.EXPERIMENTAL)
public record DefenceConfig(
    int puzzleBits,
    boolean strictTable,
    int unsolicitedPerBucket,
    int learntPerLookup,
    int lookupPerSubnet,
    int lookupPerNetwork,
    boolean scoring,
    boolean coverage,
    boolean provenHolders,
    boolean pacing,
    boolean secureIds) {

  public DefenceConfig {
    Checks.range("puzzleBits", puzzleBits, 0, 32);
    Checks.range("unsolicitedPerBucket", unsolicitedPerBucket, 1, 44);
    Checks.range("learntPerLookup", learntPerLookup, 0, 1000);
    Checks.range("lookupPerSubnet", lookupPerSubnet, 1, 1000);
    Checks.range("lookupPerNetwork", lookupPerNetwork, 1, 1000);
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static DefenceConfig defaults() {
    return new DefenceConfig(0, true, 5, 5, 2, 8, true, true, true, true, false);
  }

  /**
   * Returns a copy with another puzzle.
   *
   * @param bits the new puzzleBits
   * @return the copy
   */
  public DefenceConfig withPuzzleBits(int bits) {
    return new DefenceConfig(
        bits,
        strictTable,
        unsolicitedPerBucket,
        learntPerLookup,
        lookupPerSubnet,
        lookupPerNetwork,
        scoring,
        coverage,
        provenHolders,
        pacing,
        secureIds);
  }

  /**
   * Returns a copy for a dialect in which ids cannot be proven, but follow from addresses: with
   * secureIds, and without what needs proofs.
   *
   * @return the copy
   */
  public DefenceConfig withSecureIds() {
    return new DefenceConfig(
        0,
        strictTable,
        unsolicitedPerBucket,
        learntPerLookup,
        lookupPerSubnet,
        lookupPerNetwork,
        scoring,
        coverage,
        false,
        pacing,
        true);
  }
}
