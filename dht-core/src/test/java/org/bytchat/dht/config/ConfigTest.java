package org.bytchat.dht.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The ranges of all settings, and the copies. */
class ConfigTest {

  private static final Duration NANO = Duration.ofNanos(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  private static final RoutingConfig ROUTING =
      new RoutingConfig(
          7, 3, 2, 4, 9, SECOND, SECOND.multipliedBy(2), NANO.multipliedBy(1 << 30), 5, DAY);
  private static final LookupConfig LOOKUP =
      new LookupConfig(4, 2, 99, 7, 77, Duration.ofMillis(60), Duration.ofMillis(600), 66);
  private static final LimitsConfig LIMITS =
      new LimitsConfig(1, 2, 65, 4, 5, 6, Duration.ofSeconds(7), Duration.ofSeconds(8));
  private static final StoreConfig STORE =
      new StoreConfig(
          300,
          1 << 17,
          9,
          1 << 13,
          10,
          SECOND,
          SECOND.multipliedBy(2),
          SECOND.multipliedBy(3),
          SECOND.multipliedBy(4),
          7,
          2,
          SECOND.multipliedBy(5),
          SECOND.multipliedBy(6),
          4_096);
  private static final DefenceConfig DEFENCES =
      new DefenceConfig(1, false, 2, 3, 4, 5, false, false, false, false, true);
  private static final DhtConfig DHT =
      new DhtConfig(
          "lab",
          Scope.LOCAL,
          3,
          true,
          true,
          false,
          ROUTING,
          LOOKUP,
          LIMITS,
          STORE,
          DEFENCES.withPuzzleBits(0),
          Dialect.BYTCHAT);

  /** The least and the greatest value of a setting. */
  private record Range(Object min, Object max) {}

  // Ranges.

  @Test
  void routingConfig_outOfRange_messageNamesSettingRangeAndValue() {
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("bucketSize", new Range(1, 44));
    ranges.put("replacementCacheSize", new Range(0, 64));
    ranges.put("subnetPerBucket", new Range(1, 44));
    ranges.put("subnetPerTable", new Range(1, 1000));
    ranges.put("networkPerTable", new Range(1, 10_000));
    ranges.put("refreshInterval", new Range(SECOND, DAY));
    ranges.put("staleAfter", new Range(SECOND, DAY));
    ranges.put("pingInterval", new Range(Duration.ofMillis(100), Duration.ofHours(1)));
    ranges.put("evictAfterFailures", new Range(1, 20));
    ranges.put("keepInterval", new Range(SECOND, DAY));
    checkRanges(RoutingConfig.defaults(), ranges, Set.of());
  }

  @Test
  void lookupConfig_outOfRange_messageNamesSettingRangeAndValue() {
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("parallelism", new Range(1, 32));
    ranges.put("paths", new Range(1, 16));
    ranges.put("candidatesMax", new Range(20, 10_000));
    ranges.put("lookupsMax", new Range(1, 10_000));
    ranges.put("transactionsMax", new Range(8, 65_536));
    ranges.put("datagramsPerSecond", new Range(1, 1_000_000));
    checkRanges(LookupConfig.defaults(), ranges, Set.of("softTimeoutInitial", "hardTimeout"));
    Duration hardMax = Duration.ofSeconds(60);
    checkRange(
        with(LookupConfig.defaults(), "hardTimeout", hardMax),
        "softTimeoutInitial",
        new Range(Duration.ofMillis(50), Duration.ofSeconds(10)));
    checkRange(
        with(LookupConfig.defaults(), "softTimeoutInitial", Duration.ofMillis(50)),
        "hardTimeout",
        new Range(Duration.ofMillis(100), hardMax));
  }

  @Test
  void lookupConfig_softTimeoutNotBelowTheHardOne_namesBoth() {
    LookupConfig config = with(LookupConfig.defaults(), "hardTimeout", Duration.ofSeconds(2));
    assertThatThrownBy(() -> with(config, "softTimeoutInitial", Duration.ofSeconds(2)))
        .hasMessage("softTimeoutInitial must be below hardTimeout: PT2S and PT2S");
    assertThatCode(() -> with(config, "softTimeoutInitial", Duration.ofSeconds(2).minus(NANO)))
        .doesNotThrowAnyException();
  }

  @Test
  void limitsConfig_outOfRange_messageNamesSettingRangeAndValue() {
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("requestsPerSecond", new Range(0, 1_000_000));
    ranges.put("requestsBurst", new Range(1, 1_000_000));
    ranges.put("trackedSources", new Range(64, 1_048_576));
    ranges.put("pendingVerificationsMax", new Range(1, 65_536));
    ranges.put("pendingEffectsMax", new Range(1, 65_536));
    ranges.put("proofsPerSecond", new Range(0, 100_000));
    ranges.put("forwardInterval", new Range(SECOND, DAY));
    ranges.put("tokenRotation", new Range(SECOND, DAY));
    checkRanges(LimitsConfig.defaults(), ranges, Set.of());
  }

  @Test
  void defenceConfig_outOfRange_messageNamesSettingRangeAndValue() {
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("puzzleBits", new Range(0, 32));
    ranges.put("unsolicitedPerBucket", new Range(1, 44));
    ranges.put("learntPerLookup", new Range(0, 1000));
    ranges.put("lookupPerSubnet", new Range(1, 1000));
    ranges.put("lookupPerNetwork", new Range(1, 1000));
    checkRanges(
        DefenceConfig.defaults(),
        ranges,
        Set.of("strictTable", "scoring", "coverage", "provenHolders", "pacing", "secureIds"));
  }

  @Test
  void storeConfig_outOfRange_messageNamesSettingRangeAndValue() {
    StoreConfig wide =
        with(with(StoreConfig.defaults(), "ttlMin", SECOND), "replicas", 20).withReplicas(20, 1);
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("recordBytesMax", new Range(200, 1000));
    ranges.put("bytesMax", new Range(65_536, 1_073_741_824));
    ranges.put("recordsMax", new Range(1, 1_000_000));
    ranges.put("sourceBytesMax", new Range(4096, 1_073_741_824));
    ranges.put("rememberedSequencesMax", new Range(1, 1_000_000));
    ranges.put("ttlMin", new Range(SECOND, DAY.multipliedBy(7)));
    ranges.put("ttlDefault", new Range(SECOND, DAY.multipliedBy(7)));
    ranges.put("clockTolerance", new Range(Duration.ZERO, Duration.ofHours(1)));
    ranges.put("replicas", new Range(1, 20));
    ranges.put("acks", new Range(1, 20));
    ranges.put("repairInterval", new Range(SECOND, DAY));
    ranges.put("repairJitter", new Range(Duration.ofMillis(1), Duration.ofHours(1)));
    ranges.put("repairBytesPerSecond", new Range(1024, 1_000_000_000));
    checkRanges(wide, ranges, Set.of("ttlMax"));
    checkRange(with(wide, "ttlDefault", SECOND), "ttlMax", new Range(SECOND, DAY.multipliedBy(7)));
  }

  @Test
  void storeConfig_lifetimesThatFall_namesAll() {
    String message = "ttlMin, ttlDefault and ttlMax must not fall: ";
    assertThatThrownBy(() -> STORE.withTtl(SECOND.plus(NANO), SECOND, SECOND))
        .hasMessage(message + "PT1.000000001S, PT1S and PT1S");
    assertThatThrownBy(() -> STORE.withTtl(SECOND, SECOND.plus(NANO), SECOND))
        .hasMessage(message + "PT1S, PT1.000000001S and PT1S");
    assertThatCode(() -> STORE.withTtl(SECOND, SECOND, SECOND)).doesNotThrowAnyException();
  }

  @Test
  void storeConfig_moreAcksThanReplicas_namesBoth() {
    assertThatThrownBy(() -> STORE.withReplicas(4, 5))
        .hasMessage("acks must not be above replicas: 5 and 4");
    assertThatCode(() -> STORE.withReplicas(5, 5)).doesNotThrowAnyException();
  }

  @Test
  void dhtConfig_outOfRange_messageNamesSettingRangeAndValue() {
    checkRange(DHT, "services", new Range(0, 255));
    assertThatThrownBy(() -> DHT.withNetwork(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network must have 1..64 characters: ''");
    String tooLong = "n".repeat(65);
    assertThatThrownBy(() -> DHT.withNetwork(tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network must have 1..64 characters: '" + tooLong + "'");
    assertThat(DHT.withNetwork("n".repeat(64)).network()).hasSize(64);
  }

  @Test
  void dhtConfig_puzzleWithoutProofs_namesBoth() {
    assertThatThrownBy(() -> DHT.withDefences(DEFENCES.withPuzzleBits(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("puzzleBits must be 0 without proofOfId, as no id is checked: 3");
    assertThatCode(() -> DHT.withProofOfId(true).withDefences(DEFENCES.withPuzzleBits(3)))
        .doesNotThrowAnyException();
  }

  // Defaults.

  @Test
  void defaults_areThoseOfTheDesign() {
    assertThat(RoutingConfig.defaults())
        .isEqualTo(
            new RoutingConfig(
                20,
                8,
                1,
                1,
                8,
                Duration.ofMinutes(15),
                Duration.ofMinutes(15),
                Duration.ofSeconds(5),
                3,
                Duration.ofMinutes(5)));
    assertThat(LookupConfig.defaults())
        .isEqualTo(
            new LookupConfig(
                3, 2, 200, 64, 1024, Duration.ofSeconds(1), Duration.ofSeconds(5), 250));
    assertThat(LimitsConfig.defaults())
        .isEqualTo(
            new LimitsConfig(
                200, 400, 8192, 4096, 1024, 100, Duration.ofMinutes(1), Duration.ofMinutes(5)));
    assertThat(StoreConfig.defaults())
        .isEqualTo(
            new StoreConfig(
                1000,
                64 * 1024 * 1024,
                50_000,
                1024 * 1024,
                100_000,
                Duration.ofDays(3),
                Duration.ofDays(7),
                Duration.ofDays(7),
                Duration.ofMinutes(10),
                5,
                3,
                Duration.ofMinutes(15),
                Duration.ofSeconds(5),
                65_536));
    assertThat(DhtConfig.defaults())
        .isEqualTo(
            new DhtConfig(
                "bytchat",
                Scope.PUBLIC,
                0,
                false,
                false,
                true,
                RoutingConfig.defaults(),
                LookupConfig.defaults(),
                LimitsConfig.defaults(),
                StoreConfig.defaults(),
                DefenceConfig.defaults(),
                Dialect.BYTCHAT));
  }

  // Copies.

  @Test
  void dhtConfig_with_changesOnlyItsPart() {
    assertThat(DHT.withScope(Scope.PUBLIC)).isEqualTo(with(DHT, "scope", Scope.PUBLIC));
    assertThat(DHT.withNetwork("n")).isEqualTo(with(DHT, "network", "n"));
    assertThat(DHT.withServices(9)).isEqualTo(with(DHT, "services", 9));
    assertThat(DHT.withReadOnly(false)).isEqualTo(with(DHT, "readOnly", false));
    assertThat(DHT.withAssumeReachable(false)).isEqualTo(with(DHT, "assumeReachable", false));
    assertThat(DHT.withProofOfId(true)).isEqualTo(with(DHT, "proofOfId", true));
    RoutingConfig routing = RoutingConfig.defaults();
    assertThat(DHT.withRouting(routing)).isEqualTo(with(DHT, "routing", routing));
    LookupConfig lookup = LookupConfig.defaults();
    assertThat(DHT.withLookup(lookup)).isEqualTo(with(DHT, "lookup", lookup));
    LimitsConfig limits = LimitsConfig.defaults();
    assertThat(DHT.withLimits(limits)).isEqualTo(with(DHT, "limits", limits));
    StoreConfig store = StoreConfig.defaults();
    assertThat(DHT.withStore(store)).isEqualTo(with(DHT, "store", store));
    DefenceConfig defences = DefenceConfig.defaults();
    assertThat(DHT.withDefences(defences)).isEqualTo(with(DHT, "defences", defences));
    assertThat(DEFENCES.withPuzzleBits(7)).isEqualTo(with(DEFENCES, "puzzleBits", 7));
  }

  @Test
  void dhtConfig_withDialect_hasWhatMainlineDemands() {
    DhtConfig ours = DhtConfig.defaults().withServices(5);
    DhtConfig mainline = ours.withDialect(Dialect.MAINLINE);
    assertThat(mainline.routing()).isEqualTo(RoutingConfig.defaults().withBucketSize(8));
    assertThat(mainline.services()).isZero();
    assertThat(mainline.proofOfId()).isFalse();
    assertThat(mainline.defences().secureIds()).isTrue();
    assertThat(mainline.defences().provenHolders()).isFalse();
    assertThat(mainline.withDialect(Dialect.MAINLINE)).isEqualTo(mainline);
    assertThat(ours.withDialect(Dialect.BYTCHAT)).isEqualTo(ours);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mainline.withServices(1))
        .withMessageContaining("neither proofOfId nor services");
    assertThatIllegalArgumentException().isThrownBy(() -> mainline.withProofOfId(true));
  }

  @Test
  void storeConfig_with_changesOnlyThose() {
    StoreConfig space = with(with(STORE, "bytesMax", 1 << 20), "recordsMax", 4);
    space = with(with(space, "sourceBytesMax", 5000), "rememberedSequencesMax", 6);
    assertThat(STORE.withSpace(1 << 20, 4, 5000, 6)).isEqualTo(space);
    StoreConfig longer = with(with(STORE, "ttlMax", DAY), "ttlDefault", SECOND.multipliedBy(9));
    longer = with(longer, "ttlMin", SECOND.multipliedBy(8));
    assertThat(STORE.withTtl(SECOND.multipliedBy(8), SECOND.multipliedBy(9), DAY))
        .isEqualTo(longer);
    assertThat(STORE.withReplicas(9, 8)).isEqualTo(with(with(STORE, "replicas", 9), "acks", 8));
    assertThat(STORE.withRepair(DAY, SECOND))
        .isEqualTo(with(with(STORE, "repairInterval", DAY), "repairJitter", SECOND));
  }

  @Test
  void routingConfig_withPeriods_changesOnlyThem() {
    RoutingConfig expected = with(ROUTING, "refreshInterval", SECOND.multipliedBy(5));
    expected = with(expected, "staleAfter", SECOND.multipliedBy(6));
    expected = with(expected, "pingInterval", SECOND.multipliedBy(7));
    assertThat(
            ROUTING.withPeriods(
                SECOND.multipliedBy(5), SECOND.multipliedBy(6), SECOND.multipliedBy(7)))
        .isEqualTo(expected);
  }

  @Test
  void lookupConfig_withDatagramsPerSecond_changesOnlyThat() {
    assertThat(LOOKUP.withDatagramsPerSecond(8)).isEqualTo(with(LOOKUP, "datagramsPerSecond", 8));
  }

  @Test
  void limitsConfig_withRequestsPerSecond_setsTheBurstToTwice() {
    LimitsConfig expected = with(with(LIMITS, "requestsPerSecond", 50), "requestsBurst", 100);
    assertThat(LIMITS.withRequestsPerSecond(50)).isEqualTo(expected);
    assertThat(LIMITS.withRequestsPerSecond(0).requestsBurst()).isEqualTo(1);
    assertThat(LIMITS.withRequestsPerSecond(1_000_000).requestsBurst()).isEqualTo(1_000_000);
  }

  private static void checkRanges(Record config, Map<String, Range> ranges, Set<String> others) {
    List<String> names =
        Arrays.stream(config.getClass().getRecordComponents())
            .map(RecordComponent::getName)
            .filter(name -> !others.contains(name))
            .toList();
    assertThat(ranges.keySet()).as("every setting has a range").containsExactlyElementsOf(names);
    ranges.forEach((name, range) -> checkRange(config, name, range));
  }

  private static void checkRange(Record config, String name, Range range) {
    assertThatCode(() -> with(config, name, range.min)).doesNotThrowAnyException();
    assertThatCode(() -> with(config, name, range.max)).doesNotThrowAnyException();
    for (Object outside : List.of(step(range.min, -1), step(range.max, 1))) {
      assertThatThrownBy(() -> with(config, name, outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(name + " must be in " + range.min + ".." + range.max + ": " + outside);
    }
  }

  private static Object step(Object value, int by) {
    return value instanceof Duration duration ? duration.plusNanos(by) : (Integer) value + by;
  }

  /** Returns a copy of a record with another value of one component. */
  @SuppressWarnings("unchecked")
  private static <T extends Record> T with(T config, String name, Object value) {
    RecordComponent[] components = config.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    boolean found = false;
    try {
      for (int i = 0; i < components.length; i++) {
        boolean isMeant = components[i].getName().equals(name);
        found |= isMeant;
        values[i] = isMeant ? value : components[i].getAccessor().invoke(config);
        types[i] = components[i].getType();
      }
      assertThat(found).as(name).isTrue();
      Constructor<?> constructor = config.getClass().getDeclaredConstructor(types);
      return (T) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
