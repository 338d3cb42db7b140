package org.bytchat.sim.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.RecordStore;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.network.SimulatedScheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goal: one source gets its share of a store, and many get no more than the store. */
@Timeout(120)
class ExhausterTest {

  private static final int NODES = 40;
  private static final long SECOND = TestNetwork.SECOND;
  private static final NodeId PLACE = NodeId.of(0x1234_5678_9abc_def0L, 5, 6);

  private static TestNetwork networkFor(
      int sources, StoreConfig store, int threads, boolean codec) {
    DhtConfig config = DhtConfig.defaults().withStore(store);
    return new TestNetwork(NODES, sources, config, threads, codec);
  }

  /** Sources that fill the store of one node, whose limits are low. */
  private static final class Trial implements AutoCloseable {

    final TestNetwork network;
    final List<Exhauster> sources = new ArrayList<>();

    Trial(Exhauster.Item item, int sourceCount, double perSecond, StoreConfig store) {
      this(item, perSecond, networkFor(sourceCount, store, 1, false));
    }

    Trial(Exhauster.Item item, double perSecond, TestNetwork network) {
      this.network = network;
      int sourceCount = network.kernel.nodes().size() - NODES;
      Contact holder = network.directory.contact(0, 0);
      for (int i = 0; i < sourceCount; i++) {
        Pace pace = new Pace(SECOND, 61 * SECOND, perSecond);
        Exhauster source =
            new Exhauster(
                new Exhauster.Setting(
                    item,
                    800,
                    pace,
                    List.of(new Exhauster.Target(holder, PLACE)),
                    network.networkId(),
                    network.config.store().ttlMax().toMillis(),
                    100 + i),
                SimulatedScheme.INSTANCE);
        SimNode place = network.stranger(i);
        place.place(source);
        sources.add(source);
        network.kernel.schedule(pace.fromMicros(), place.index(), false, source::begin);
      }
    }

    void run() {
      network.kernel.runTo(70 * SECOND);
    }

    RecordStore.Stats store() {
      return network.kernel.nodes().get(0).engine().stats().store();
    }

    @Override
    public void close() {
      network.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Exhauster.Item.class)
  void exhaustion_oneSource_keepsToItsQuota(Exhauster.Item item) {
    StoreConfig store = StoreConfig.defaults();
    try (Trial trial = new Trial(item, 1, 50, store)) {
      trial.run();
      Exhauster source = trial.sources.get(0);
      assertThat(source.stored()).isEqualTo(3_000).isEqualTo(source.puts());
      assertThat(source.refused()).isEmpty();
      assertThat(trial.store().bytes())
          .isLessThanOrEqualTo(store.sourceBytesMax())
          .isGreaterThan(store.sourceBytesMax() - StoredItem.BYTES_MAX);
      assertThat(trial.store().evicted()).isPositive();
    }
  }

  @Test
  void exhaustion_records_needATokenEach() {
    try (Trial trial = new Trial(Exhauster.Item.RECORD, 1, 5, StoreConfig.defaults())) {
      trial.run();
      assertThat(trial.sources.get(0).gets()).isEqualTo(300);
    }
  }

  @Test
  void exhaustion_chunks_needOneTokenForAll() {
    try (Trial trial = new Trial(Exhauster.Item.CHUNK, 1, 5, StoreConfig.defaults())) {
      trial.run();
      assertThat(trial.sources.get(0).gets()).isEqualTo(1);
      assertThat(trial.sources.get(0).stored()).isEqualTo(300);
    }
  }

  @Test
  void exhaustion_manySources_fillTheWholeStore() {
    StoreConfig store = StoreConfig.defaults().withSpace(1 << 17, 50_000, 1 << 14, 1_000);
    try (Trial trial = new Trial(Exhauster.Item.RECORD, 12, 2, store)) {
      trial.run();
      RecordStore.Stats held = trial.store();
      assertThat(held.bytes())
          .isLessThanOrEqualTo(store.bytesMax())
          .isGreaterThan(store.bytesMax() - StoredItem.BYTES_MAX);
      assertThat(held.sources()).isEqualTo(12);
      long stored = trial.sources.stream().mapToLong(Exhauster::stored).sum();
      assertThat(held.evicted()).isEqualTo(stored - held.items());
    }
  }

  @Test
  void exhaustion_manySourcesOfOneItem_areRefusedOnceFull() {
    StoreConfig store = StoreConfig.defaults().withSpace(1 << 16, 20, 1 << 14, 1_000);
    try (Trial trial = new Trial(Exhauster.Item.RECORD, 30, 1, store)) {
      trial.network.kernel.runTo(1_900_000);
      long stored = trial.sources.stream().mapToLong(Exhauster::stored).sum();
      long refused =
          trial.sources.stream()
              .mapToLong(each -> each.refused().getOrDefault(ErrorCode.QUOTA, 0L))
              .sum();
      assertThat(stored).isEqualTo(20);
      assertThat(refused).isEqualTo(10);
    }
  }

  @Test
  void exhaustion_anyThreadsAndMode_givesTheSame() {
    Set<Object> seen = new HashSet<>();
    for (int threads = 1; threads <= 2; threads++) {
      for (boolean codec : new boolean[] {false, true}) {
        StoreConfig store = StoreConfig.defaults();
        TestNetwork network = networkFor(3, store, threads, codec);
        try (Trial trial = new Trial(Exhauster.Item.RECORD, 4, network)) {
          trial.run();
          seen.add(
              List.of(
                  trial.network.kernel.traceHash(),
                  trial.sources.stream().map(Exhauster::stored).toList(),
                  trial.sources.stream().map(Exhauster::receivedBytes).toList()));
        }
      }
    }
    assertThat(seen).hasSize(1);
  }
}
