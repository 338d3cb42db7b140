package org.bytchat.sim.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.InsertOutcome;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.WireLimits;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A search for the contacts closest to a random key. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoutingSearch {

  /** What a table has in a network of about a million nodes. */
  static final int CONTACTS = 330;

  static final int WANTED = 20;

  private static final int TARGETS = 4096;

  /** 15 buckets are full; the neighbourhood behind them halves from one to the next. */
  private static final int[] NEAR = {15, 8, 4, 2, 1};

  private static final int FULL_BUCKETS = 15;

  private final RoutingTable table;
  private final ClosestSearch search = new ClosestSearch(WireLimits.CONTACTS_MAX);
  private final NodeId[] targets = new NodeId[TARGETS];
  private int next;

  /** Fills the table. */
  public RoutingSearch() {
    Random random = new Random(1);
    NodeId own = Ids.random(random);
    table = new RoutingTable(own, RoutingConfig.defaults(), DefenceConfig.defaults(), false);
    for (int prefix = 0; prefix < FULL_BUCKETS + NEAR.length; prefix++) {
      int count = prefix < FULL_BUCKETS ? WANTED : NEAR[prefix - FULL_BUCKETS];
      for (int i = 0; i < count; i++) {
        Contact contact =
            Contact.of(Ids.sharing(own, prefix, random), Ids.endpoint(table.size()), 0);
        if (!(table.insert(contact, true, true, 0) instanceof InsertOutcome.Inserted)) {
          throw new IllegalStateException("the table does not take " + contact);
        }
      }
    }
    if (table.size() != CONTACTS) {
      throw new IllegalStateException("the table has " + table.size() + " contacts");
    }
    for (int i = 0; i < TARGETS; i++) {
      targets[i] = Ids.random(random);
    }
  }

  /**
   * Searches.
   *
   * @return how many contacts were found
   */
  @Benchmark
  public int closest() {
    int found = table.closest(search.begin(targets[next++ & TARGETS - 1], WANTED));
    if (found != WANTED) {
      throw new IllegalStateException("found " + found);
    }
    return found;
  }
}
