package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Inserted;

/**
 * A table of buckets of three, and contacts for it. The own id is zero, so bucket 0 is the upper
 * half of the keyspace. Times and periods are counted in the ticks in which the table keeps them.
 */
abstract class TableFixture {

  static final int SIZE = 3;
  static final int CACHE = 2;
  static final int EVICT_AFTER = 3;
  static final long STALE = 13_412;
  static final long PING = 75;
  static final long REFRESH = 26_823;
  static final NodeId OWN = NodeId.ZERO;

  /** Its limits are soft. */
  final RoutingTable table = new RoutingTable(OWN, config(), defences(false, 44), false);

  static RoutingConfig config() {
    return new RoutingConfig(
        SIZE,
        CACHE,
        1,
        2,
        4,
        Duration.ofNanos(at(REFRESH)),
        Duration.ofNanos(at(STALE)),
        Duration.ofNanos(at(PING)),
        EVICT_AFTER,
        Duration.ofMinutes(5));
  }

  static DefenceConfig defences(boolean strictTable, int unsolicitedPerBucket) {
    DefenceConfig some = DefenceConfig.defaults();
    return new DefenceConfig(
        0,
        strictTable,
        unsolicitedPerBucket,
        some.learntPerLookup(),
        some.lookupPerSubnet(),
        some.lookupPerNetwork(),
        some.scoring(),
        some.coverage(),
        some.provenHolders(),
        some.pacing(),
        some.secureIds());
  }

  static Contact far(int index) {
    return contact(NodeId.of(Long.MIN_VALUE | index, 0, 0), endpoint(index));
  }

  static Contact near(int index, Endpoint endpoint) {
    return contact(NodeId.of(0, 1L << 40 | index, 0), endpoint);
  }

  static Contact sameSubnet(int index) {
    return contact(far(index).id(), endpoint(90, 1, 1, index, 1));
  }

  static Contact loopback(int index) {
    return contact(far(index).id(), endpoint(127, 0, 0, 1, 4000 + index));
  }

  static NodeId low(int value) {
    return NodeId.of(0, 0, value);
  }

  /** Fills bucket 0 with the contacts 1, 2 and 3, last heard of at 1, 2 and 3. */
  void fill() {
    for (int i = 1; i <= SIZE; i++) {
      assertThat(insert(far(i), i)).isEqualTo(new Inserted());
    }
  }

  /** Returns the time at which a tick begins. */
  static long at(long tick) {
    return tick * Ticks.NANOS;
  }

  InsertOutcome insert(Contact contact, long tick) {
    return table.insert(contact, true, true, at(tick));
  }

  boolean hasRoomFor(Contact contact) {
    return table.hasRoomFor(contact, true, 0);
  }

  void fail(Contact contact, int times, boolean networkAlive) {
    for (int i = 0; i < times; i++) {
      assertThat(table.onFailure(contact, networkAlive, 0)).isNull();
    }
  }

  Object evict(Contact contact) {
    fail(contact, EVICT_AFTER - 1, true);
    Contact candidate = table.onFailure(contact, true, 0);
    return candidate == null ? "none" : candidate;
  }

  Contact found(Contact contact) {
    Contact found = table.find(contact.id());
    if (found == null) {
      throw new AssertionError("not in the table: " + contact);
    }
    return found;
  }

  List<Contact> closest(int limit) {
    ClosestSearch search = new ClosestSearch(limit).begin(OWN, limit);
    table.closest(search);
    return answer(search);
  }

  List<Contact> closestOffering(int mask) {
    ClosestSearch search = new ClosestSearch(9).begin(OWN, 9).offering(mask);
    table.closest(search);
    return answer(search);
  }

  static List<Contact> answer(ClosestSearch search) {
    List<Contact> contacts = new ArrayList<>();
    for (int i = 0; i < search.count(); i++) {
      contacts.add(search.get(i));
    }
    return contacts;
  }

  static List<NodeId> ids(ClosestSearch search) {
    return answer(search).stream().map(Contact::id).toList();
  }
}
