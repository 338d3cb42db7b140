package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.StateFolder;
import org.bytchat.dht.store.MutableRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that keeps its state in a folder is the same node in its next life. */
@Timeout(60)
class DhtNodeStateTest {

  @TempDir Path folder;

  private final byte[] seed = new byte[SignatureScheme.SEED_BYTES];

  @Test
  void start_secondLifeWithoutBootstrap_keepsIdAndRejoins() throws Exception {
    try (DhtNode a = Loopback.node().build().start();
        DhtNode b = Loopback.node().bootstrap(Loopback.hostAndPort(a)).build().start()) {
      NodeId id;
      try (DhtNode first =
          Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(a)).build().start()) {
        id = first.id();
        await().atMost(Loopback.LONG).until(() -> Loopback.get(first.contacts()).size() == 2);
      }
      assertThat(kept()).extracting(Contact::id).containsExactlyInAnyOrder(a.id(), b.id());
      try (DhtNode second = Loopback.node().data(folder).build().start()) {
        assertThat(second.id()).isEqualTo(id);
        assertThat(Loopback.get(second.joined())).isPositive();
        assertThat(Loopback.get(second.lookup(a.id())).closest())
            .extracting(Contact::id)
            .contains(a.id());
      }
    }
  }

  @Test
  void start_keptContactsGone_doesNotForgetThemAtTheEnd() throws Exception {
    try (DhtNode peer = Loopback.node().build().start()) {
      try (DhtNode first =
          Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(peer)).build().start()) {
        Loopback.get(first.joined());
      }
    }
    List<Contact> before = kept();
    assertThat(before).hasSize(1);
    try (DhtNode second =
        Loopback.node().data(folder).config(Loopback.impatient()).build().start()) {
      assertThat(Loopback.failureOf(second.lookup(second.id())))
          .isInstanceOf(DhtException.NoPeers.class);
    }
    assertThat(kept()).isEqualTo(before);
  }

  @Test
  void run_keepInterval_keepsContactsWhileItRuns() throws Exception {
    DhtConfig often =
        DhtConfig.defaults()
            .withRouting(RoutingConfig.defaults().withKeepInterval(Duration.ofSeconds(1)));
    Path file = folder.resolve("contacts.msgpack");
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node()
                .data(folder)
                .config(often)
                .bootstrap(Loopback.hostAndPort(peer))
                .build()
                .start()) {
      Loopback.get(node.joined());
      await().atMost(Loopback.LONG).until(() -> Files.exists(file));
      Files.delete(file);
      await().atMost(Loopback.LONG).until(() -> Files.exists(file));
    }
  }

  @Test
  void close_threadInterrupted_keepsContactsAllTheSame() throws Exception {
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(peer)).build().start()) {
      Loopback.get(node.joined());
      Thread.currentThread().interrupt();
      Loopback.closeAll(List.of(node));
      assertThat(Thread.interrupted()).as("the flag is the caller's").isTrue();
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void close_runtimeClosedFirst_unlocksTheFolder() throws Exception {
    DhtRuntime runtime = DhtRuntime.start(1, 1);
    try (DhtNode node = Loopback.node().runtime(runtime).data(folder).build().start()) {
      runtime.close();
      assertThat(Loopback.failureOf(node.stats())).isInstanceOf(DhtException.Closed.class);
    }
    assertThat(kept()).isEmpty();
  }

  @Test
  void start_secondLife_holdsItsRecords() throws Exception {
    MutableRecord first = record(1);
    MutableRecord second = record(2);
    for (MutableRecord each : List.of(first, second)) {
      try (DhtNode node = Loopback.node().data(folder).build().start()) {
        assertThat(Loopback.get(node.put(each)).stored()).isEqualTo(1);
      }
    }
    try (DhtNode node = Loopback.node().data(folder).build().start()) {
      assertThat(Loopback.get(node.get(first.key()))).contains(second);
      assertThat(Loopback.get(node.put(first)).stored())
          .as("an older record, after a restart")
          .isZero();
    }
  }

  /** Closing must not be faster than the disk. */
  @Test
  void close_rightAfterPuts_losesNone() throws Exception {
    List<MutableRecord> records = new ArrayList<>();
    try (DhtNode node = Loopback.node().data(folder).build().start()) {
      List<CompletableFuture<PutResult>> puts = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        records.add(record(1));
        puts.add(node.put(records.get(i)));
      }
      for (CompletableFuture<PutResult> put : puts) {
        assertThat(Loopback.get(put).stored()).isEqualTo(1);
      }
    }
    try (DhtNode node = Loopback.node().data(folder).build().start()) {
      for (MutableRecord each : records) {
        assertThat(Loopback.get(node.get(each.key()))).contains(each);
      }
    }
  }

  /** The folder is copied while the node runs, which is what it would be after kill -9. */
  @Test
  void start_afterAKill_holdsItsRecords() throws Exception {
    MutableRecord held = record(1);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    try (DhtNode node = Loopback.node().data(folder).build().start()) {
      assertThat(Loopback.get(node.put(held)).stored()).isEqualTo(1);
      Path log = folder.resolve("records.log");
      // A log begins with 32 bytes.
      await().atMost(Loopback.LONG).until(() -> Files.exists(log) && Files.size(log) > 32);
      for (String name : List.of("node.key", "records.log", "records.snapshot")) {
        Files.copy(folder.resolve(name), copy.resolve(name));
      }
      try (DhtNode next = Loopback.node().data(copy).build().start()) {
        assertThat(next.id()).isEqualTo(node.id());
        assertThat(Loopback.get(next.get(held.key()))).contains(held);
      }
    }
  }

  @Test
  void start_snapshotDamaged_keepsTheFileAndTheNewestRecords() throws Exception {
    MutableRecord older = record(1);
    MutableRecord held = record(2);
    try (DhtNode node = Loopback.node().data(folder).build().start()) {
      assertThat(Loopback.get(node.put(held)).stored()).isEqualTo(1);
    }
    byte[] garbage = new byte[1_000];
    Files.write(folder.resolve("records.snapshot"), garbage);
    for (int life = 0; life < 2; life++) {
      try (DhtNode node = Loopback.node().data(folder).build().start()) {
        assertThat(Loopback.get(node.put(older)).stored()).as("it was in the log").isZero();
        assertThat(Loopback.get(node.get(held.key()))).contains(held);
      }
    }
    assertThat(Files.readAllBytes(folder.resolve("records.snapshot.damaged"))).isEqualTo(garbage);
  }

  /** A pipe that nobody writes to stands for a file that takes long to read. */
  @Test
  void start_whileRecordsAreRead_nobodyUsesTheNodeYet() throws Exception {
    Path pipe = folder.resolve("records.snapshot");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeTrue(mkfifo.waitFor() == 0);
    DhtNode node = Loopback.node().data(folder).build();
    Thread starter = new Thread(node::start);
    starter.start();
    try {
      await()
          .atMost(Loopback.LONG)
          .until(
              () ->
                  List.of(starter.getStackTrace()).stream()
                      .anyMatch(frame -> frame.getMethodName().equals("readRecords")));
      assertThatThrownBy(node::stats).isInstanceOf(DhtException.Closed.class);
    } finally {
      Files.newOutputStream(pipe).close();
      starter.join();
    }
    assertThat(Loopback.get(node.stats()).id()).isEqualTo(node.id());
    node.close();
  }

  /** Returns a record of a user of its own, or of the same user if the sequence is a later one. */
  private MutableRecord record(long sequence) {
    if (sequence == 1) {
      new SecureRandom().nextBytes(seed);
    }
    UserKey key = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed);
    long issuedMillis = System.currentTimeMillis();
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            "meta",
            key.publicKey().encoded(),
            sequence,
            issuedMillis,
            issuedMillis + Duration.ofDays(5).toMillis(),
            new byte[] {(byte) sequence});
    return draft.signed(key.sign(draft.statement(Keys.networkId(DhtConfig.DEFAULT_NETWORK))));
  }

  private List<Contact> kept() {
    try (StateFolder state = StateFolder.open(folder)) {
      return state.readContacts();
    }
  }
}
