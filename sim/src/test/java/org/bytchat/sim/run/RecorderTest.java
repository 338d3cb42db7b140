package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.scenario.Scenario;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: what nodes tell is counted as it is, against those who could have been found. */
class RecorderTest {

  private static final long SECOND = Plan.SECOND;
  private static final long FROM = 10 * SECOND;
  private static final NodeId TARGET = NodeId.parse("00112233445566778899aabbccddeeff00112233");

  private Simulation simulation;
  private Directory directory;
  private Recorder recorder;
  private SimNode node;
  private List<Contact> true8;

  /** A network whose nodes are up, so that there is one to ask. */
  @BeforeEach
  void start() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "node.routing.bucketSize=8");
    simulation = Simulation.of(plan, 1, new Runs.Silent());
    simulation.advance(SECOND);
    directory = simulation.directory();
    recorder = recorder(plan.scenario());
    node = simulation.kernel().nodes().get(5);
    true8 = directory.closest(TARGET, 8, 0, 0, node.engine().id());
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  private Recorder recorder(Scenario scenario) {
    return new Recorder(
        new Recorder.Setting(
            directory, 8, 1, 10, FROM, null, new Invariants(1, scenario.node(), directory)));
  }

  private static Op op(Op.Kind kind) {
    return new Op(0, 5, kind, kind == Op.Kind.LOOKUP ? -1 : 0, 1, TARGET);
  }

  private void lookup(Op.Kind kind, long began, List<Contact> found) {
    recorder.begin(node, op(kind), 7, 3, began);
    LookupResult result =
        new LookupResult(TARGET, found, 2, 4, 9, 8, 1, false, Duration.ofSeconds(2));
    recorder.onEvent(
        node, new EngineEvent.LookupFinished(new LookupId(3), result), began + 2 * SECOND);
  }

  @Test
  void lookup_allFound_isExactAndASuccess() {
    lookup(Op.Kind.LOOKUP, FROM, true8);
    assertThat(recorder.totals.lookups).isEqualTo(1);
    assertThat(recorder.totals.successes).isEqualTo(1);
    assertThat(recorder.totals.exact).isEqualTo(1);
    assertThat(recorder.totals.foundContacts).isEqualTo(8);
    assertThat(recorder.totals.expectedContacts).isEqualTo(8);
    assertThat(recorder.totals.latency.max()).isEqualTo(2 * SECOND);
    assertThat(recorder.recent.count()).isEqualTo(1);
    assertThat(recorder.totals.depth.max()).isEqualTo(2);
    assertThat(recorder.totals.requests).isEqualTo(9);
    assertThat(recorder.log.size()).isEqualTo(1);
  }

  @Test
  void lookup_closestMissing_isNoSuccess() {
    lookup(Op.Kind.LOOKUP, FROM, true8.subList(1, 8));
    assertThat(recorder.totals.successes).isZero();
    assertThat(recorder.totals.exact).isZero();
    assertThat(recorder.totals.foundContacts).isEqualTo(7);
  }

  @Test
  void lookup_anotherMissing_isASuccessButNotExact() {
    lookup(Op.Kind.LOOKUP, FROM, true8.subList(0, 7));
    assertThat(recorder.totals.successes).isEqualTo(1);
    assertThat(recorder.totals.exact).isZero();
  }

  @Test
  void lookup_beforeMeasuring_doesNotCount() {
    lookup(Op.Kind.LOOKUP, FROM - 1, true8);
    assertThat(recorder.totals.lookups).isZero();
    assertThat(recorder.totals.latency.count()).isZero();
  }

  @Test
  void lookup_final_countsApart() {
    lookup(Op.Kind.FINAL_LOOKUP, FROM, true8.subList(1, 8));
    lookup(Op.Kind.FINAL_LOOKUP, FROM, true8);
    assertThat(recorder.totals.lookups).isZero();
    assertThat(recorder.totals.finalLookups).isEqualTo(2);
    assertThat(recorder.totals.finalSuccesses).isEqualTo(1);
  }

  @Test
  void lookup_ofTheNodeItself_doesNotCount() {
    LookupResult result =
        new LookupResult(TARGET, true8, 2, 4, 9, 8, 1, false, Duration.ofSeconds(2));
    recorder.onEvent(node, new EngineEvent.LookupFinished(new LookupId(3), result), FROM);
    assertThat(recorder.totals.lookups).isZero();
  }

  @Test
  void begin_refused_isCounted() {
    recorder.begin(node, op(Op.Kind.LOOKUP), 7, -1, FROM);
    assertThat(recorder.totals.refusedOps).isEqualTo(1);
    assertThat(recorder.unfinished(Long.MAX_VALUE, simulation.kernel().nodes())).isEmpty();
  }

  @Test
  void unfinished_oldOpsAndFinalLookups_areNamed() {
    List<SimNode> nodes = simulation.kernel().nodes();
    recorder.begin(node, op(Op.Kind.LOOKUP), 1, 1, FROM);
    recorder.begin(node, op(Op.Kind.GET), 2, 1, FROM + 5);
    recorder.begin(node, op(Op.Kind.PUBLISH), 3, 1, FROM);
    assertThat(recorder.unfinished(FROM, nodes)).isEmpty();
    assertThat(recorder.unfinished(FROM + 1, nodes)).containsExactly(op(Op.Kind.LOOKUP));
    assertThat(recorder.unfinished(FROM + 6, nodes)).hasSize(2);
    recorder.begin(node, op(Op.Kind.FINAL_LOOKUP), 4, 9, 200 * SECOND);
    assertThat(recorder.unfinished(FROM, nodes)).containsExactly(op(Op.Kind.FINAL_LOOKUP));
  }

  @Test
  void published_again_isAWriteThatBeganNobodyKnowsWhen() {
    recorder.begin(node, op(Op.Kind.PUBLISH), 1, 4, FROM);
    PutResult result = new PutResult(TARGET, 1, List.of(), true, false);
    recorder.onEvent(node, new EngineEvent.Published(4, result, false), FROM + SECOND);
    recorder.onEvent(node, new EngineEvent.Published(4, null, false), FROM + 2 * SECOND);
    recorder.onEvent(node, new EngineEvent.Published(4, result, false), FROM + 90 * SECOND);
    assertThat(recorder.records)
        .extracting(RecordBook.Entry::beganMicros)
        .containsExactly(FROM, FROM + 90 * SECOND);
    assertThat(recorder.records)
        .extracting(RecordBook.Entry::endMicros)
        .containsExactly(FROM + SECOND, FROM + 90 * SECOND);
  }

  @Test
  void onHandled_healthyNode_isChecked() {
    recorder.onHandled(node, 5);
    assertThat(recorder.checks()).isEqualTo(1);
  }

  @Test
  void add_totals_isTheSum() {
    lookup(Op.Kind.LOOKUP, FROM, true8);
    Recorder.Totals sum = new Recorder.Totals();
    sum.add(recorder.totals);
    sum.add(recorder.totals);
    assertThat(sum.lookups).isEqualTo(2);
    assertThat(sum.exact).isEqualTo(2);
    assertThat(sum.latency.count()).isEqualTo(2);
  }
}
