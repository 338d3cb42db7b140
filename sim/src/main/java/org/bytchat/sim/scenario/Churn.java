package org.bytchat.sim.scenario;

import java.nio.file.Path;
import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Inline;
import org.bytchat.sim.scenario.Schema.Tagged;

/**
 * How nodes come and go; bootstrap hosts stay. About as many nodes as the scenario has are up at
 * any time, so there are more nodes in all.
 *
 * @param law how long nodes stay, and stay away
 * @param identity whether a node that returns has the id that it had, default persistent
 * @param folder what a node that returns finds of its data, kept or lost, default kept
 */
public record Churn(
    @Inline Law law, @Default("persistent") Identity identity, @Default("kept") Folder folder) {

  /** Whether a node that returns is the same. */
  public enum Identity {
    /** It has its id of before. */
    PERSISTENT,
    /** It has a new id, as another node would. */
    FRESH
  }

  public Churn {
    if (folder == Folder.TORN) {
      throw new Refused("folder", "must be kept or lost, torn is for crashes", Values.word(folder));
    }
    if (identity == Identity.FRESH && law instanceof Trace) {
      throw new Refused("identity", "must be persistent with a trace", Values.word(identity));
    }
  }

  /** How long nodes stay (sessions), and stay away (absences). */
  @Tagged("model")
  public sealed interface Law permits Weibull, Exponential, Preset, Trace {}

  /**
   * Weibull distributions.
   *
   * @param session how long a node stays
   * @param absence how long it stays away
   */
  public record Weibull(Distribution session, Distribution absence) implements Law {}

  /**
   * Exponential distributions.
   *
   * @param sessionMean how long a node stays; 1 s to 3,650 days
   * @param absenceMean how long it stays away; 1 s to 3,650 days
   */
  public record Exponential(Duration sessionMean, Duration absenceMean) implements Law {

    public Exponential {
      checkTime("session_mean", sessionMean);
      checkTime("absence_mean", absenceMean);
    }
  }

  /** What was measured in, or is used for, real networks. */
  public enum Preset implements Law {
    /** KAD, by Steiner and others. */
    KAD,
    /** IPFS, by Trautwein and others. */
    IPFS,
    /** BitTorrent's Mainline DHT, by the KIT. */
    MDHT,
    /** Heep's scenario of R/Kademlia. */
    HEEP
  }

  /**
   * Recorded sessions.
   *
   * @param file the sessions, named relative to the scenario's folder
   */
  public record Trace(Path file) implements Law {}

  /**
   * A Weibull distribution.
   *
   * @param shape 0.1 to 10; below 1, who stayed long is likely to stay longer
   * @param scale the time that 63 % do not outlast; 1 s to 3,650 days
   */
  public record Distribution(double shape, Duration scale) {

    public Distribution {
      Refused.range("shape", shape, 0.1, 10);
      checkTime("scale", scale);
    }
  }

  private static void checkTime(String path, Duration time) {
    Refused.range(path, time, Duration.ofSeconds(1), Duration.ofDays(3_650));
  }
}
