package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongUnaryOperator;
import org.bytchat.dht.keyspace.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The very bits of each model. They are what a seed means: on every JDK, and in every version that
 * claims to repeat older runs. A change here changes all results.
 */
class GoldenBitsTest {

  private static final long SEED = 20_260_101;

  @Test
  void latencies_keepTheirBits(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("matrix");
    Files.writeString(file, "0 11.5 23 31\n12 0 41 53\n61 71 0 83\n97 101 103 0\n");
    LatencyModel logNormal = new LogNormalLatency(SEED, 154_000, 0.48, 5_000);
    LatencyModel regions = new RegionLatency(new Regions(SEED), 5_000);
    LatencyModel matrix = new MatrixLatency(LatencyMatrix.read(file), SEED, 5_000);
    assertThat(hash(i -> logNormal.oneWayMicros((int) i, (int) (i * i % 9_973))))
        .isEqualTo(5655959162501027612L);
    assertThat(hash(i -> regions.oneWayMicros((int) i, (int) (i * i % 9_973))))
        .isEqualTo(-787795287648801802L);
    assertThat(hash(i -> matrix.oneWayMicros((int) i, (int) (i * i % 9_973))))
        .isEqualTo(2801463972174091211L);
  }

  @Test
  void fates_keepTheirBits() {
    LatencyModel latency = new LogNormalLatency(SEED, 154_000, 0.48, 5_000);
    PacketFate fates =
        new PacketFate(SEED, new LinkModel(0.02, 0.01, 0.1, 0.05, 50_000), latency, 5_000);
    assertThat(hash(i -> fate(fates, (int) i))).isEqualTo(420407550063028088L);
  }

  private static long fate(PacketFate fates, int i) {
    long fate = fates.of(i % 101, i % 103, i);
    long flags = (fates.isLost(fate) ? 1 : 0) | (fates.isDuplicated(fate) ? 2 : 0);
    return fate + flags + 4 * fates.delayMicros(i % 101, i % 103, fate, i & 1);
  }

  @Test
  void churn_keepsItsBits() {
    assertThat(hash(i -> lives(RenewalChurn.kad(), (int) i))).isEqualTo(-5132460042687735022L);
    assertThat(hash(i -> lives(RenewalChurn.ipfs(), (int) i))).isEqualTo(-4387704289852504592L);
    assertThat(hash(i -> lives(RenewalChurn.heep(), (int) i))).isEqualTo(6444599071645145520L);
    RenewalChurn steady =
        new RenewalChurn(new Weibull(2.5, 4e9), Weibull.exponential(3e9), "a test");
    assertThat(hash(i -> lives(steady, (int) i))).isEqualTo(5754358519778346248L);
  }

  private static long lives(ChurnModel churn, int node) {
    long hash = 0;
    for (Life life : churn.lives(SEED, node, 30 * Units.HOUR)) {
      hash = Mix.combine(hash + life.upMicros(), life.downMicros());
    }
    return hash;
  }

  @Test
  void nodes_keepTheirBits() {
    AddressPlan plan = new AddressPlan(SEED, 4_000_000);
    ClockModel clocks = new ClockModel(SEED, 30 * Units.SECOND, 100);
    NatModel nats = new NatModel(SEED, 0.3, Units.HOUR);
    assertThat(hash(i -> bits(plan.endpoint((int) (i * 199))))).isEqualTo(6045359573010005621L);
    assertThat(hash(i -> clocks.wallMillis((int) i, i * 1_000_003)))
        .isEqualTo(6998597783742827346L);
    assertThat(hash(i -> nats.isBehind((int) i) ? 1 : 0)).isEqualTo(-3684410962151382184L);
  }

  private static long bits(Endpoint endpoint) {
    return endpoint.addressLow() << 16 | endpoint.port();
  }

  private static long hash(LongUnaryOperator values) {
    long hash = 0;
    for (long i = 0; i < 20_000; i++) {
      hash = Mix.combine(hash, values.applyAsLong(i));
    }
    return hash;
  }
}
