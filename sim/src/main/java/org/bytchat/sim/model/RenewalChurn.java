package org.bytchat.sim.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Each node is up and down in turns, of independent lengths: an alternating renewal process that
 * begins in equilibrium, exactly. A node is up at the start with probability {@link
 * #availability()}, and what is left of its first session or absence has the distribution that it
 * has at any moment, see {@link Weibull}.
 *
 * @param session how long nodes stay
 * @param absence how long they are away
 * @param citation where the figures are from
 */
public record RenewalChurn(Weibull session, Weibull absence, String citation)
    implements ChurnModel {

  /**
   * Makes churn of exponential sessions and absences.
   *
   * @param sessionMeanMicros mean of sessions, 1 s to 100 years
   * @param absenceMeanMicros mean of absences, 1 s to 100 years
   * @return the model
   */
  public static RenewalChurn exponential(double sessionMeanMicros, double absenceMeanMicros) {
    return new RenewalChurn(
        Weibull.exponential(sessionMeanMicros),
        Weibull.exponential(absenceMeanMicros),
        "an assumption: memoryless sessions, as Li et al. (INFOCOM 2005) have with a mean of 1 h");
  }

  /**
   * Peers of KAD. Of two sets of measured sessions it is that of peers that came after the first
   * crawl, which is not biased to long sessions.
   *
   * @return the model
   */
  public static RenewalChurn kad() {
    return new RenewalChurn(
        new Weibull(0.61511, 169.5385 * Units.MINUTE),
        new Weibull(0.47648, 413.6765 * Units.MINUTE),
        "Steiner, En-Najjary and Biersack, \"Long term study of peer behavior in the KAD DHT\","
            + " IEEE/ACM Transactions on Networking 17(5), 2009: sessions of peers from the second"
            + " crawl on, and inter-session times");
  }

  /**
   * Servers of the IPFS DHT. Sessions are a Weibull distribution through two published quantiles.
   * No absences are published; assumed is the same shape, and an availability of 0.724.
   *
   * @return the model
   */
  public static RenewalChurn ipfs() {
    return new RenewalChurn(
        new Weibull(0.52, 1.94 * Units.HOUR),
        new Weibull(0.52, 0.74 * Units.HOUR),
        "sessions through 87.6 % below 8 h and 97.5 % below 24 h (Trautwein et al., SIGCOMM 2022);"
            + " absences assumed: the same shape, and as short as it takes for 14.5 of 20 holders"
            + " of a record to be online at any time (ProbeLab RFM17, 2022: quartiles 13 and 16"
            + " over 36 h)");
  }

  /**
   * Peers of BitTorrent's Mainline DHT. No absences are published; assumed are such as sessions.
   *
   * @return the model
   */
  public static RenewalChurn mdht() {
    Weibull session = new Weibull(0.68, 14_900.0 * Units.SECOND);
    return new RenewalChurn(
        session,
        session,
        "BitMON's measurements as in the scenario of PeerSim-MPI-Kademlia (Andelfinger, Juenemann"
            + " and Hartenstein, SIMUTools 2014); absences assumed: as long as sessions");
  }

  /**
   * The 5,000 nodes of Heep's comparison of R/Kademlia; absences are as long as sessions, as
   * OverSim has it.
   *
   * @return the model
   */
  public static RenewalChurn heep() {
    Weibull session = Weibull.ofMean(0.5, 10_000.0 * Units.SECOND);
    return new RenewalChurn(
        session,
        session,
        "Heep, \"R/Kademlia: Recursive and topology-aware overlay routing\", ATNAC 2010; OverSim's"
            + " lifetime churn has absences as long as sessions");
  }

  @Override
  public double availability() {
    double up = session.meanMicros();
    return up / (up + absence.meanMicros());
  }

  @Override
  public List<Life> lives(long seed, int node, long untilMicros) {
    Checked.range("until in microseconds", untilMicros, 0, UNTIL_MAX_MICROS);
    Draws draws = new Draws(Mix.combine(Mix.seed(seed, Purpose.CHURN), node));
    List<Life> lives = new ArrayList<>();
    boolean isUp = draws.share() < availability();
    long up = isUp ? 0 : absence.residualMicros(draws);
    long down = up + (isUp ? session.residualMicros(draws) : session.spanMicros(draws));
    while (up < untilMicros) {
      lives.add(new Life(up, down));
      up = down + absence.spanMicros(draws);
      down = up + session.spanMicros(draws);
    }
    return lives;
  }

  @Override
  public String describe() {
    return "sessions "
        + session.describe()
        + "; absences "
        + absence.describe()
        + "; "
        + Units.number(100 * availability())
        + " % up";
  }
}
