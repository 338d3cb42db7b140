package org.bytchat.sim.attack;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;

/**
 * Draws keys until their ids are where an attacker wants them. One sequence of draws serves all
 * that is wanted at once; what it finds follows from the seed.
 */
public final class Grinder {

  /** So many are drawn before it is asked again what is still wanted. */
  private static final int BLOCK = 1 << 15;

  private final SignatureScheme scheme;
  private final long seed;
  private long draws;

  /**
   * Makes one that has drawn nothing.
   *
   * @param scheme the signature algorithm
   * @param seed what the keys follow from
   */
  public Grinder(SignatureScheme scheme, long seed) {
    this.scheme = scheme;
    this.seed = seed;
  }

  /** Ids that are wanted. */
  private static final class Wish {
    final Predicate<NodeId> fits;
    final List<NodeIdentity> found = new ArrayList<>();
    final int count;

    Wish(int count, Predicate<NodeId> fits) {
      this.count = count;
      this.fits = fits;
    }

    boolean isOpen() {
      return found.size() < count;
    }
  }

  /**
   * A key, and an id that is to be beaten.
   *
   * @param key the key
   * @param other ids found are closer to the key than this one
   */
  public record Rival(NodeId key, NodeId other) {}

  /**
   * Finds ids that are closer to keys than others.
   *
   * @param rivals the keys and the others
   * @param each how many for each key
   * @return those of the first key, then those of the second, and so on
   */
  public List<NodeIdentity> closer(List<Rival> rivals, int each) {
    List<Wish> wishes = new ArrayList<>();
    for (Rival rival : rivals) {
      wishes.add(new Wish(each, id -> rival.key.compareDistance(id, rival.other) < 0));
    }
    return find(wishes);
  }

  /**
   * Finds ids that fall evenly into buckets of victims.
   *
   * @param victims the victims' ids
   * @param buckets into how many buckets, from the farthest
   * @param each how many for each victim
   * @return those of the first victim, then those of the second, and so on
   */
  public List<NodeIdentity> spread(List<NodeId> victims, int buckets, int each) {
    List<Wish> wishes = new ArrayList<>();
    for (NodeId victim : victims) {
      for (int i = 0; i < buckets; i++) {
        int bucket = i;
        int count = each / buckets + (i < each % buckets ? 1 : 0);
        wishes.add(new Wish(count, id -> victim.commonPrefixLength(id) == bucket));
      }
    }
    return find(wishes);
  }

  private List<NodeIdentity> find(List<Wish> wishes) {
    List<Wish> open = wishes.stream().filter(Wish::isOpen).toList();
    while (!open.isEmpty()) {
      List<Wish> now = open;
      long[] hits =
          LongStream.range(draws, draws + BLOCK)
              .parallel()
              .filter(draw -> isWanted(idOf(draw), now))
              .toArray();
      for (long hit : hits) {
        take(hit, now);
      }
      draws += BLOCK;
      open = now.stream().filter(Wish::isOpen).toList();
    }
    List<NodeIdentity> found = new ArrayList<>();
    wishes.forEach(wish -> found.addAll(wish.found));
    return found;
  }

  private static boolean isWanted(NodeId id, List<Wish> wishes) {
    for (int i = 0; i < wishes.size(); i++) {
      if (wishes.get(i).fits.test(id)) {
        return true;
      }
    }
    return false;
  }

  /** Gives a key to the first who wants it: nobody is two nodes. */
  private void take(long draw, List<Wish> wishes) {
    NodeId id = idOf(draw);
    for (Wish wish : wishes) {
      if (wish.isOpen() && wish.fits.test(id)) {
        wish.found.add(NodeIdentity.of(scheme, seedOf(draw)));
        return;
      }
    }
  }

  private NodeId idOf(long draw) {
    return NodeIdentity.idOf(scheme.publicKey(seedOf(draw)));
  }

  private byte[] seedOf(long draw) {
    ByteBuffer bytes = ByteBuffer.allocate(SignatureScheme.SEED_BYTES);
    long state = Mix.combine(seed, draw);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putLong(Mix.at(state, i));
    }
    return bytes.array();
  }

  /**
   * Returns how many keys were drawn.
   *
   * @return the count, a multiple of the keys that are drawn at once
   */
  public long draws() {
    return draws;
  }
}
