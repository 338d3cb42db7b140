package org.bytchat.dht.testkit;

import java.time.Duration;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;

/**
 * Two nodes and a clock that jumps from one thing that happens to the next, so that hours pass in
 * milliseconds.
 */
public final class Pair {

  private final VirtualNetwork network;
  private final VirtualNode a;
  private final VirtualNode b;

  /**
   * Makes two nodes that do not run yet.
   *
   * @param network the network that has them, and may have others
   * @param config the configuration of both
   */
  public Pair(VirtualNetwork network, DhtConfig config) {
    this.network = network;
    this.a = network.add(config);
    this.b = network.add(config);
  }

  /**
   * Makes two nodes of a local network that know each other.
   *
   * @param seed the run's seed
   * @return the pair, after {@code b} joined through {@code a}
   */
  public static Pair joined(long seed) {
    Pair pair = new Pair(VirtualNetwork.of(seed, Scope.LOCAL), DhtConfig.defaults());
    pair.a.start();
    pair.b.start(pair.a.endpoint());
    boolean known =
        pair.network.runUntil(
            Duration.ofMinutes(1),
            () -> pair.a.stats().contacts() == 1 && pair.b.stats().contacts() == 1);
    if (!known) {
      throw new AssertionError("the two nodes do not find each other");
    }
    return pair;
  }

  /**
   * Jumps to the next thing that happens.
   *
   * @return whether there was one
   */
  public boolean step() {
    return network.step();
  }

  /**
   * Lets time pass.
   *
   * @param duration how long
   */
  public void run(Duration duration) {
    network.run(duration);
  }

  /**
   * Returns the network between the two.
   *
   * @return the network
   */
  public VirtualNetwork network() {
    return network;
  }

  /**
   * Returns the first node.
   *
   * @return the one that was there before the other
   */
  public VirtualNode a() {
    return a;
  }

  /**
   * Returns the second node.
   *
   * @return the one that joined through the first
   */
  public VirtualNode b() {
    return b;
  }
}
