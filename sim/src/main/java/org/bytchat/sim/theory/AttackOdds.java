package org.bytchat.sim.theory;

/** What an attacker gets from a network whose nodes defend nothing but the paths of a lookup. */
public final class AttackOdds {

  private AttackOdds() {}

  /**
   * Returns the probability that at least one of d disjoint paths meets honest nodes only: 1 - (1 -
   * (1 - m)^h)^d (Baumgart and Mies: S/Kademlia, 2007). It is an upper bound, as it takes each node
   * of a path for a random one and leaves poisoned tables out.
   *
   * @param malicious m, the share of malicious nodes, 0 to 1
   * @param paths d, at least 1
   * @param hops h, the nodes on a path, 0 or more
   * @return a probability
   */
  public static double lookupSuccess(double malicious, int paths, int hops) {
    Checks.range("malicious", malicious, 0, 1);
    Checks.range("paths", paths, 1, Integer.MAX_VALUE);
    Checks.range("hops", hops, 0, Integer.MAX_VALUE);
    double pathHonest = StrictMath.pow(1 - malicious, hops);
    return 1 - StrictMath.pow(1 - pathHonest, paths);
  }

  /**
   * Returns the Sybils expected among the k nodes closest to a target where their ids are random: k
   * s / (n + s).
   *
   * @param closest k, at least 1
   * @param sybils s, 0 or more
   * @param honest n, at least 1
   * @return nodes
   */
  public static double randomSybilsAmongClosest(int closest, int sybils, int honest) {
    Checks.range("closest", closest, 1, Integer.MAX_VALUE);
    Checks.range("sybils", sybils, 0, Integer.MAX_VALUE);
    Checks.range("honest", honest, 1, Integer.MAX_VALUE);
    return (double) closest * sybils / ((double) honest + sybils);
  }

  /**
   * Returns the ids that must be tried for k Sybils that are each among the k closest to a chosen
   * target: n / k for one of them, n for k.
   *
   * @param sybils how many Sybils, 0 or more
   * @param closest k, at least 1
   * @param honest n, at least 1
   * @return trials
   */
  public static double trialsAmongClosest(int sybils, int closest, int honest) {
    Checks.range("sybils", sybils, 0, Integer.MAX_VALUE);
    Checks.range("closest", closest, 1, Integer.MAX_VALUE);
    Checks.range("honest", honest, 1, Integer.MAX_VALUE);
    return (double) sybils * honest / closest;
  }

  /**
   * Returns the ids that must be tried for Sybils which are all closer to a chosen target than each
   * honest node: n for each.
   *
   * @param sybils how many Sybils, 0 or more
   * @param honest n, at least 1
   * @return trials
   */
  public static double trialsAheadOfAll(int sybils, int honest) {
    Checks.range("sybils", sybils, 0, Integer.MAX_VALUE);
    Checks.range("honest", honest, 1, Integer.MAX_VALUE);
    return (double) sybils * honest;
  }
}
