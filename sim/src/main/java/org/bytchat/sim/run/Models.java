package org.bytchat.sim.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.sim.model.Bandwidth;
import org.bytchat.sim.model.BandwidthModel;
import org.bytchat.sim.model.ChurnModel;
import org.bytchat.sim.model.ClockModel;
import org.bytchat.sim.model.ConstantLatency;
import org.bytchat.sim.model.LatencyMatrix;
import org.bytchat.sim.model.LatencyModel;
import org.bytchat.sim.model.LinkModel;
import org.bytchat.sim.model.LogNormalLatency;
import org.bytchat.sim.model.MatrixLatency;
import org.bytchat.sim.model.Model;
import org.bytchat.sim.model.NatModel;
import org.bytchat.sim.model.NoChurn;
import org.bytchat.sim.model.RegionLatency;
import org.bytchat.sim.model.Regions;
import org.bytchat.sim.model.RenewalChurn;
import org.bytchat.sim.model.TraceChurn;
import org.bytchat.sim.model.Weibull;
import org.bytchat.sim.scenario.Churn;
import org.bytchat.sim.scenario.Latency;
import org.bytchat.sim.scenario.Network;
import org.bytchat.sim.scenario.Scenario;
import org.jspecify.annotations.Nullable;

/**
 * The models that a scenario asks for.
 *
 * @param latency how far nodes are apart
 * @param link what else happens to datagrams
 * @param bandwidth the nodes' lines, null for lines without limits
 * @param churn when nodes are up
 * @param nat who is behind a router
 * @param clock how wrong clocks are
 * @param floorMicros what no datagram undercuts
 */
record Models(
    LatencyModel latency,
    LinkModel link,
    @Nullable BandwidthModel bandwidth,
    ChurnModel churn,
    NatModel nat,
    ClockModel clock,
    long floorMicros) {

  /**
   * Makes the models of a scenario.
   *
   * @throws IOException if a file that it names cannot be read, or is not what it should be
   */
  static Models of(Scenario scenario) throws IOException {
    Network network = scenario.network();
    long floor = Plan.micros(network.floor());
    long seed = scenario.seed();
    Network.Reordering reordering = network.reordering();
    Network.Bandwidth lines = network.bandwidth();
    return new Models(
        latencyOf(network.latency(), seed, floor),
        new LinkModel(
            network.loss(),
            network.duplication(),
            network.jitter(),
            reordering.share(),
            Plan.micros(reordering.delay())),
        lines == null
            ? null
            : BandwidthModel.uniform(new Bandwidth(lines.up(), lines.down(), (int) lines.queue())),
        churnOf(scenario.churn()),
        new NatModel(seed, scenario.nat().share(), Plan.micros(scenario.nat().mappingTimeout())),
        new ClockModel(seed, Plan.micros(scenario.clocks().skew()), scenario.clocks().driftPpm()),
        floor);
  }

  /** Returns what the models do, and where that is from. */
  List<Runner.Described> described() {
    List<Runner.Described> all = new ArrayList<>();
    all.add(described("Latency", latency));
    all.add(described("Links", link));
    if (bandwidth != null) {
      all.add(described("Lines", bandwidth));
    }
    all.add(described("Churn", churn));
    all.add(described("Routers", nat));
    all.add(described("Clocks", clock));
    return all;
  }

  private static Runner.Described described(String name, Model model) {
    return new Runner.Described(name, model.describe(), model.citation());
  }

  private static LatencyModel latencyOf(Latency latency, long seed, long floor) throws IOException {
    if (latency instanceof Latency.Constant constant) {
      return new ConstantLatency(Plan.micros(constant.oneWay()), floor);
    }
    if (latency instanceof Latency.LogNormal drawn) {
      return new LogNormalLatency(
          seed, (double) Plan.micros(drawn.medianRtt()), drawn.sigma(), floor);
    }
    if (latency instanceof Latency.Matrix matrix) {
      return new MatrixLatency(LatencyMatrix.read(matrix.file()), seed, floor);
    }
    return new RegionLatency(new Regions(seed), floor);
  }

  private static ChurnModel churnOf(@Nullable Churn churn) throws IOException {
    if (churn == null) {
      return new NoChurn();
    }
    Churn.Law law = churn.law();
    if (law instanceof Churn.Weibull weibull) {
      return new RenewalChurn(
          weibullOf(weibull.session()), weibullOf(weibull.absence()), "the scenario's own figures");
    }
    if (law instanceof Churn.Exponential exponential) {
      return RenewalChurn.exponential(
          (double) Plan.micros(exponential.sessionMean()),
          (double) Plan.micros(exponential.absenceMean()));
    }
    if (law instanceof Churn.Trace trace) {
      return TraceChurn.read(trace.file());
    }
    return switch ((Churn.Preset) law) {
      case KAD -> RenewalChurn.kad();
      case IPFS -> RenewalChurn.ipfs();
      case MDHT -> RenewalChurn.mdht();
      case HEEP -> RenewalChurn.heep();
    };
  }

  private static Weibull weibullOf(Churn.Distribution distribution) {
    return new Weibull(distribution.shape(), (double) Plan.micros(distribution.scale()));
  }
}
