package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.randomId;
import static org.bytchat.dht.testkit.TestContacts.sharedPrefix;
import static org.bytchat.dht.testkit.TestContacts.sharing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.bytchat.dht.time.DeadlineQueue;
import org.jspecify.annotations.Nullable;

/** The table and {@link NaiveTable} do the same, whatever happens to them. */
class RoutingTablePropertyTest {

  private static final int OPERATIONS = 600;

  /** Ticks; shorter than a run takes. */
  private static final long OVERFLOW_WITHIN = 150_000;

  /** What can happen to a table. */
  private enum Kind {
    INSERT_PROVEN,
    INSERT_UNPROVEN,
    INSERT_UNSOLICITED,
    FOUND,
    CANDIDATE,
    ADD_CANDIDATE,
    RESPONSE,
    FAILURE,
    FAILURE_IN_OUTAGE,
    REMOVE,
    CHECK,
    REFRESH,
    LOOKUP,
    HAS_ROOM,
    HAS_ROOM_UNSOLICITED,
    FIND
  }

  /** One thing that happens, some time after the one before, and a search that follows it. */
  private record Operation(
      Kind kind, Contact contact, long pauseNanos, NodeId key, int limit, int mask) {}

  /** What a run is about. */
  private record Setting(
      NodeId own,
      RoutingConfig config,
      DefenceConfig defences,
      boolean exemptLocal,
      long startNanos) {

    static Setting random(Random random) {
      RoutingConfig config =
          new RoutingConfig(
              1 + random.nextInt(6),
              random.nextInt(4),
              1 + random.nextInt(2),
              1 + random.nextInt(4),
              2 + random.nextInt(8),
              ticks(15 + random.nextInt(9000)),
              ticks(15 + random.nextInt(9000)),
              ticks(2 + random.nextInt(75)),
              1 + random.nextInt(4),
              Duration.ofMinutes(5));
      // A monotonic clock may start anywhere and overflow, and so may its ticks, long before.
      long start =
          switch (random.nextInt(4)) {
            case 0 -> Long.MAX_VALUE / Ticks.NANOS - random.nextLong(OVERFLOW_WITHIN);
            case 1 -> Integer.MAX_VALUE - random.nextLong(OVERFLOW_WITHIN);
            default -> random.nextLong() / Ticks.NANOS;
          };
      DefenceConfig defences = TableFixture.defences(random.nextInt(3) > 0, 1 + random.nextInt(4));
      return new Setting(
          randomId(random), config, defences, random.nextBoolean(), start * Ticks.NANOS);
    }

    /** In whole ticks the table is exact. */
    private static Duration ticks(int count) {
      return Duration.ofNanos(count * Ticks.NANOS);
    }
  }

  @SeededTest(runs = 100)
  void operations_random_sameAsTheNaiveTable(long seed) {
    Random random = Seeds.random(seed);
    Setting setting = Setting.random(random);
    Shrinker.check(operations(setting, random), list -> run(setting, list));
  }

  @SeededTest(runs = 25)
  void closest_fullTableAndAnyKey_sameAsTheNaiveSort(long seed) {
    Random random = Seeds.random(seed);
    NodeId own = randomId(random);
    RoutingConfig config = RoutingConfig.defaults();
    DefenceConfig defences = DefenceConfig.defaults();
    RoutingTable table = new RoutingTable(own, config, defences, true);
    NaiveTable naive = new NaiveTable(own, config, defences, true);
    List<NodeId> keys = new ArrayList<>(List.of(own, NodeId.ZERO, randomId(random)));
    int count = random.nextInt(600);
    for (int i = 0; i < count; i++) {
      int prefix = random.nextBoolean() ? random.nextInt(160) : random.nextInt(8);
      NodeId id = sharing(own, prefix, random);
      Contact contact = Contact.of(id, Endpoint.ofIpv4(0x7f000001, 1024 + i), random.nextInt(4));
      assertThat(table.insert(contact, true, true, 0))
          .isEqualTo(naive.insert(contact, true, true, 0));
      if (i % 7 == 0) {
        table.onFailure(contact, true, 0);
        table.onFailure(contact, true, 0);
        naive.onFailure(contact, true, 0);
        naive.onFailure(contact, true, 0);
      }
      if (i % 5 == 0) {
        keys.add(sharing(id, random.nextInt(160), random));
        keys.add(sharing(own, random.nextInt(160), random));
        keys.add(id);
      }
    }
    ClosestSearch search = new ClosestSearch(1 + random.nextInt(60));
    for (NodeId key : keys) {
      Question question = new Question(key, random.nextInt(64), random.nextInt(4));
      checkClosest(table, naive, search, question);
    }
  }

  private static List<Operation> operations(Setting setting, Random random) {
    List<Contact> pool = pool(setting.own, random);
    List<Operation> operations = new ArrayList<>();
    Kind[] kinds = Kind.values();
    while (operations.size() < OPERATIONS) {
      // Half of all are insertions, so that buckets fill.
      Kind kind = random.nextInt(3) == 0 ? Kind.INSERT_PROVEN : kinds[random.nextInt(kinds.length)];
      Contact contact = pool.get(random.nextInt(pool.size()));
      NodeId near = pool.get(random.nextInt(pool.size())).id();
      operations.add(
          new Operation(
              kind,
              contact,
              (random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(3)) * Ticks.NANOS,
              random.nextBoolean() ? randomId(random) : sharing(near, random.nextInt(160), random),
              random.nextInt(30),
              random.nextInt(3)));
    }
    return operations;
  }

  /** Few ids in few buckets, with few endpoints in few subnets, so that all of them collide. */
  private static List<Contact> pool(NodeId own, Random random) {
    List<NodeId> ids = new ArrayList<>(List.of(own));
    for (int i = 0; i < 6; i++) {
      int prefix = i == 0 ? random.nextInt(4) : random.nextInt(160);
      NodeId corner = sharing(own, prefix, random);
      ids.add(corner);
      for (int j = 0; j < 7; j++) {
        ids.add(
            prefix == 159
                ? corner
                : sharing(corner, prefix + 1 + random.nextInt(159 - prefix), random));
      }
    }
    List<Endpoint> endpoints = new ArrayList<>();
    boolean ipv6 = random.nextInt(4) == 0;
    for (int i = 0; i < 40; i++) {
      int network = random.nextInt(5);
      int subnet = random.nextInt(4);
      int port = 1000 + random.nextInt(4);
      if (ipv6) {
        long high = (network == 0 ? 0xfd00L : 0x2a00L + network) << 48 | (long) subnet << 16;
        endpoints.add(Endpoint.ofIpv6(high | random.nextInt(3), 1, port));
      } else {
        int first = network == 0 ? 10 : 80 + network;
        endpoints.add(Endpoint.ofIpv4(first << 24 | subnet << 8 | random.nextInt(3), port));
      }
    }
    List<Contact> pool = new ArrayList<>();
    for (NodeId id : ids) {
      for (int i = 0; i < 3; i++) {
        Endpoint endpoint = endpoints.get(random.nextInt(endpoints.size()));
        pool.add(Contact.of(id, endpoint, random.nextInt(4)));
      }
    }
    return pool;
  }

  private static void run(Setting setting, List<Operation> operations) {
    RoutingTable table =
        new RoutingTable(setting.own, setting.config, setting.defences, setting.exemptLocal);
    NaiveTable naive =
        new NaiveTable(setting.own, setting.config, setting.defences, setting.exemptLocal);
    ClosestSearch search = new ClosestSearch(20);
    long elapsed = 0;
    for (Operation operation : operations) {
      elapsed += operation.pauseNanos;
      Object expected = expected(naive, operation, elapsed);
      Object actual = actual(table, operation, setting.startNanos + elapsed);
      assertThat(actual).as("%s", operation).isEqualTo(expected);
      checkInvariants(table, naive, setting.own);
      checkDeadlines(table, naive, setting.startNanos, elapsed);
      Question question = new Question(operation.key, operation.limit, operation.mask);
      checkClosest(table, naive, search, question);
    }
  }

  private static @Nullable Object actual(RoutingTable table, Operation operation, long now) {
    Contact contact = operation.contact;
    return switch (operation.kind) {
      case INSERT_PROVEN -> table.insert(contact, true, true, now);
      case INSERT_UNPROVEN -> table.insert(contact, false, true, now);
      case INSERT_UNSOLICITED -> table.insert(contact, true, false, now);
      case FOUND -> {
        table.onFound(contact);
        yield table.isFound(contact);
      }
      case CANDIDATE -> table.pollCandidate(contact.id());
      case ADD_CANDIDATE -> {
        table.addCandidate(contact, now);
        yield null;
      }
      case RESPONSE -> table.onResponse(contact, now);
      case FAILURE -> table.onFailure(contact, true, now);
      case FAILURE_IN_OUTAGE -> table.onFailure(contact, false, now);
      case REMOVE -> table.remove(contact.id());
      case CHECK -> table.pollDueForCheck(now);
      case REFRESH -> table.pollDueForRefresh(now);
      case LOOKUP -> {
        table.onLookup(operation.key, now);
        yield null;
      }
      case HAS_ROOM -> {
        boolean hasRoom = table.hasRoomFor(contact, true, 0);
        checkSettled(table, contact, hasRoom);
        yield hasRoom;
      }
      case HAS_ROOM_UNSOLICITED -> table.hasRoomFor(contact, false, operation.limit % 3);
      case FIND -> table.find(contact.id());
    };
  }

  /** A bucket in which nobody gives way has no room for anybody who is not known. */
  private static void checkSettled(RoutingTable table, Contact contact, boolean hasRoom) {
    NodeId id = contact.id();
    if (table.find(id) == null && table.isSettled(id.high(), id.middle(), id.low())) {
      assertThat(hasRoom).as("room in a settled bucket for %s", contact).isFalse();
    }
  }

  private static @Nullable Object expected(NaiveTable naive, Operation operation, long now) {
    Contact contact = operation.contact;
    return switch (operation.kind) {
      case INSERT_PROVEN -> naive.insert(contact, true, true, now);
      case INSERT_UNPROVEN -> naive.insert(contact, false, true, now);
      case INSERT_UNSOLICITED -> naive.insert(contact, true, false, now);
      case FOUND -> {
        naive.onFound(contact);
        yield naive.isFound(contact);
      }
      case CANDIDATE -> naive.pollCandidate(contact.id());
      case ADD_CANDIDATE -> {
        naive.addCandidate(contact, now);
        yield null;
      }
      case RESPONSE -> naive.onResponse(contact, now);
      case FAILURE -> naive.onFailure(contact, true, now);
      case FAILURE_IN_OUTAGE -> naive.onFailure(contact, false, now);
      case REMOVE -> naive.remove(contact.id());
      case CHECK -> naive.pollDueForCheck(now);
      case REFRESH -> naive.pollDueForRefresh(now);
      case LOOKUP -> {
        naive.onLookup(operation.key, now);
        yield null;
      }
      case HAS_ROOM -> naive.hasRoomFor(contact, true, 0);
      case HAS_ROOM_UNSOLICITED -> naive.hasRoomFor(contact, false, operation.limit % 3);
      case FIND -> naive.find(contact.id());
    };
  }

  private static void checkInvariants(RoutingTable table, NaiveTable naive, NodeId own) {
    List<Contact> contacts = table.contacts();
    Set<NodeId> ids = new HashSet<>();
    Set<Endpoint> endpoints = new HashSet<>();
    int[] sizes = new int[NodeId.BITS];
    int deepest = -1;
    for (Contact contact : contacts) {
      assertThat(contact.id()).as("own id").isNotEqualTo(own);
      assertThat(ids.add(contact.id())).as("id twice: %s", contact).isTrue();
      assertThat(endpoints.add(contact.endpoint())).as("endpoint twice: %s", contact).isTrue();
      int prefix = sharedPrefix(own, contact.id());
      assertThat(prefix).as("buckets in order").isGreaterThanOrEqualTo(deepest);
      sizes[prefix]++;
      deepest = prefix;
    }
    assertThat(contacts).isEqualTo(naive.contacts()).hasSize(table.size());
    assertThat(table.depth()).isEqualTo(deepest + 1);
    assertThat(IntStream.range(0, NodeId.BITS).map(table::bucketSize).toArray()).isEqualTo(sizes);
    assertThat(IntStream.of(sizes).max().orElseThrow())
        .isLessThanOrEqualTo(naive.config.bucketSize());
  }

  /** Nothing is due before the table says, and what it says is not already past. */
  private static void checkDeadlines(RoutingTable table, NaiveTable naive, long start, long now) {
    long check = table.nextCheckNanos(start + now);
    long refresh = table.nextRefreshNanos(start + now);
    long due = naive.nextCheck();
    if (due == DeadlineQueue.NEVER) {
      assertThat(check).isEqualTo(DeadlineQueue.NEVER);
    } else {
      assertThat(check - start).isLessThanOrEqualTo(due);
    }
    long refreshDue = naive.nextRefresh();
    if (refreshDue == DeadlineQueue.NEVER) {
      assertThat(refresh).isEqualTo(DeadlineQueue.NEVER);
    } else {
      assertThat(refresh - start).isEqualTo(Math.max(now, refreshDue));
    }
  }

  /** What the table is asked for. */
  private record Question(NodeId key, int limit, int mask) {}

  private static void checkClosest(
      RoutingTable table, NaiveTable naive, ClosestSearch search, Question question) {
    NodeId key = question.key;
    int limit = question.limit;
    int mask = question.mask;
    int cut = Math.min(limit, search.contacts.length);
    assertThat(table.closest(search.begin(key, limit).offering(mask))).isEqualTo(search.count());
    assertThat(found(search)).isEqualTo(naive.closest(key, cut, mask, false));
    List<Contact> others =
        new ArrayList<>(naive.closest(key, search.contacts.length + 1, mask, false));
    // Whoever asks is left out; the middle one, so that others are before and behind it.
    NodeId asker = others.isEmpty() ? key : others.get(others.size() / 2).id();
    others.removeIf(contact -> contact.id().equals(asker));
    search.begin(key, limit).offering(mask);
    table.closest(search.without(asker.high(), asker.middle(), asker.low()));
    assertThat(found(search)).isEqualTo(others.subList(0, Math.min(cut, others.size())));
    table.closest(search.begin(key, limit).offering(mask).withFailing());
    List<Contact> withFailing = naive.closest(key, cut, mask, true);
    assertThat(found(search)).isEqualTo(withFailing);
    for (int i = 0; i < withFailing.size(); i++) {
      assertThat(search.get(i).services()).isEqualTo(withFailing.get(i).services());
    }
    for (int i = withFailing.size(); i < search.contacts.length; i++) {
      assertThat(search.contacts[i]).as("kept from an earlier search").isNull();
    }
  }

  private static List<Contact> found(ClosestSearch search) {
    List<Contact> found = new ArrayList<>();
    for (int i = 0; i < search.count(); i++) {
      found.add(search.get(i));
    }
    return found;
  }
}
