package org.bytchat.sim.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A find_node query from bytes to bytes, without sockets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EngineAnswer {

  private static final int CONTACTS = 210;

  /** Ten buckets of eight. */
  private static final int MAINLINE_CONTACTS = 80;

  private static final int QUERIES = 256;

  /** Who asks: a read-only node, one of the table, or a full node for whom there is no place. */
  @Param({"read-only", "contact", "stranger"})
  public String asker = "";

  /** What is spoken: with 20 contacts in the answer, or Mainline's with 8. */
  @Param({"bytchat", "mainline"})
  public String dialect = "";

  private FedEngine engine = new FedEngine(0);
  private final byte[][] queries = new byte[QUERIES][];
  private final Endpoint[] sources = new Endpoint[QUERIES];
  private int next;

  /** Returns how many contacts the node has that speaks a dialect. */
  static int contacts(String dialect) {
    return Queries.dialect(dialect) == Dialect.MAINLINE ? MAINLINE_CONTACTS : CONTACTS;
  }

  /** Makes the queries. */
  @Setup
  public void prepare() {
    Random random = new Random(2);
    Dialect spoken = Queries.dialect(dialect);
    int contacts = contacts(dialect);
    engine = new FedEngine(DhtConfig.defaults().withDialect(spoken), contacts);
    Queries made = new Queries(spoken, DhtConfig.DEFAULT_NETWORK);
    for (int i = 0; i < QUERIES; i++) {
      Contact contact = engine.contacts().get(i % contacts);
      boolean known = asker.equals("contact");
      // In the farthest bucket, which is full.
      NodeId sender = known ? contact.id() : Ids.sharing(engine.id(), 0, random);
      sources[i] = known ? contact.endpoint() : engine.endpoint(contacts + i);
      queries[i] = made.findNode(sender, Ids.random(random), asker.equals("read-only"));
    }
  }

  /**
   * Answers.
   *
   * @return the answer's length
   */
  @Benchmark
  public int findNode() {
    int index = next++ & QUERIES - 1;
    return engine.ask(queries[index], sources[index]);
  }
}
