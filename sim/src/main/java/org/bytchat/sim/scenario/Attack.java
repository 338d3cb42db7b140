package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Tagged;

/**
 * Somebody who wants the network to fail. The nodes of an attacker know of each other and of all
 * honest nodes, have real keys, prove their ids, and are up from the begin of the attack to the end
 * of the run. Times count from where measuring begins.
 */
@Tagged("attack")
public sealed interface Attack
    permits Attack.Sybils, Attack.Targeted, Attack.Eclipse, Attack.Exhaustion, Attack.Spoofing {

  /** What a hostile node says to those who look for somebody. */
  enum Lie {
    /** What an honest node would say that knows everybody. */
    NONE,
    /** Nothing: it answers pings alone. */
    DROP,
    /** The hostile nodes that are closest to the key. */
    CLOSEST,
    /** Every fourth of the hostile nodes near the key; three of four companions name others. */
    SPREAD,
    /** Ids made up around the key, at the places of hostile nodes, which answer by these names. */
    MADE_UP,
    /** Ids made up around the key, at places where nobody is. */
    DEAD
  }

  /** What a hostile node does with records. */
  enum Holding {
    /** It keeps them and gives them back. */
    KEEP,
    /** It says that it keeps them, and that it has none. */
    WITHHOLD,
    /** It gives the oldest version that it ever got. */
    ROLL_BACK,
    /** It claims to have a newer one than anybody, and does not give it. */
    CLAIM
  }

  /**
   * Nodes with random ids, part of the network from its begin.
   *
   * @param share of the nodes that are up; above 0 and below 1
   * @param bootstrap how many of the bootstrap hosts are hostile too, the last ones; 0 up to one
   *     less than there are, default 0
   * @param subnets in how many /24s they are, each in a /16 of its own; 0 for one each, default 0
   * @param lie what they say, default closest
   * @param holding what they do with records, default withhold
   */
  record Sybils(
      double share,
      @Default("0") int bootstrap,
      @Default("0") int subnets,
      @Default("closest") Lie lie,
      @Default("withhold") Holding holding)
      implements Attack {

    public Sybils {
      if (!(share > 0 && share < 1)) {
        throw new Refused("share", "must be above 0 and below 1", share);
      }
      Refused.range("bootstrap", bootstrap, 0, 1_000);
      Refused.range("subnets", subnets, 0, 10_000);
    }
  }

  /**
   * Nodes with ids that are closer to a key than every honest node's; they make themselves known to
   * the honest nodes around it.
   *
   * @param records around so many of the workload's first records; 1 to 1,000, default 1
   * @param nodes how many around each; 1 to 1,000
   * @param subnets in how many /24s they are, each in a /16 of its own; 0 for one each, default 0
   * @param at when they come, default 0 s
   * @param every how often each makes itself known; 1 s to 1 h, default 1 min
   * @param lie what they say, default closest
   * @param holding what they do with records, default withhold
   */
  record Targeted(
      @Default("1") int records,
      int nodes,
      @Default("0") int subnets,
      @Default("0s") Duration at,
      @Default("1m") Duration every,
      @Default("closest") Lie lie,
      @Default("withhold") Holding holding)
      implements Attack {

    public Targeted {
      Refused.range("records", records, 1, 1_000);
      Refused.range("nodes", nodes, 1, 1_000);
      Refused.range("subnets", subnets, 0, 10_000);
      Refused.range("at", at, Duration.ZERO, Duration.ofDays(366));
      Refused.range("every", every, Duration.ofSeconds(1), Duration.ofHours(1));
    }
  }

  /**
   * Nodes that want to be all that a victim knows: their ids are spread over its buckets, and they
   * ask it again and again.
   *
   * @param victims how many, each with attackers of its own; 1 to 100, default 4
   * @param nodes how many attack each; 1 to 10,000, default 256
   * @param subnets in how many /24s they are, each in a /16 of its own; 1 to 10,000
   * @param joining whether the victims join when it begins; otherwise they are up from the start of
   *     the run
   * @param at when it begins, default 0 s
   * @param every how often each asks its victim; 1 s to 1 h, default 10 s
   */
  record Eclipse(
      @Default("4") int victims,
      @Default("256") int nodes,
      int subnets,
      boolean joining,
      @Default("0s") Duration at,
      @Default("10s") Duration every)
      implements Attack {

    public Eclipse {
      Refused.range("victims", victims, 1, 100);
      Refused.range("nodes", nodes, 1, 10_000);
      Refused.range("subnets", subnets, 1, 10_000);
      Refused.range("at", at, Duration.ZERO, Duration.ofDays(366));
      Refused.range("every", every, Duration.ofSeconds(1), Duration.ofHours(1));
    }
  }

  /**
   * Sources that fill the stores around the workload's records with records of their own.
   *
   * @param records around so many of the workload's first records; 1 to 1,000, default 1
   * @param sources addresses that put, each in a /24 of its own; 1 to 10,000
   * @param holders how many of the nodes closest to each record they fill; 1 to 100, default 20
   * @param rate puts a second of each source; above 0, up to 1,000, default 1
   * @param at when it begins, default 0 s
   * @param valueBytes the length of each value; 0 to 800, default 800
   */
  record Exhaustion(
      @Default("1") int records,
      int sources,
      @Default("20") int holders,
      @Default("1") double rate,
      @Default("0s") Duration at,
      @Default("800") int valueBytes)
      implements Attack {

    public Exhaustion {
      Refused.range("records", records, 1, 1_000);
      Refused.range("sources", sources, 1, 10_000);
      Refused.range("holders", holders, 1, 100);
      if (!(rate > 0 && rate <= 1_000)) {
        throw new Refused("rate", "must be above 0, and 1000 at the most", rate);
      }
      Refused.range("at", at, Duration.ZERO, Duration.ofDays(366));
      Refused.range("value_bytes", valueBytes, 0, 800);
    }
  }

  /** What is asked in somebody else's name. */
  enum Question {
    /** A ping without a challenge. */
    PING,
    /** A ping that asks for a proof. */
    PROOF,
    /** A lookup. */
    FIND_NODE,
    /** A read of a record. */
    GET,
    /** A ping that asks to have a third node ping. */
    FORWARD,
    /** All of these in turn. */
    ALL
  }

  /**
   * Datagrams with the sources of others, to honest nodes.
   *
   * @param victims whose addresses are used, places where no node is; 1 to 10,000, default 1. One
   *     victim is a reflection, many are a flood with made-up sources
   * @param targets how many nodes are asked; 1 to 10,000, default 100
   * @param rate datagrams a second to each of them; above 0, up to 10,000, default 1
   * @param question what is asked, default all
   * @param at when it begins, default 0 s
   */
  record Spoofing(
      @Default("1") int victims,
      @Default("100") int targets,
      @Default("1") double rate,
      @Default("all") Question question,
      @Default("0s") Duration at)
      implements Attack {

    public Spoofing {
      Refused.range("victims", victims, 1, 10_000);
      Refused.range("targets", targets, 1, 10_000);
      if (!(rate > 0 && rate <= 10_000)) {
        throw new Refused("rate", "must be above 0, and 10000 at the most", rate);
      }
      Refused.range("at", at, Duration.ZERO, Duration.ofDays(366));
    }
  }
}
