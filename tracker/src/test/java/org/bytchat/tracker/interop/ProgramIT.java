package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.interop.LibtorrentSwarm.Item;
import org.bytchat.tracker.interop.LibtorrentSwarm.Mutable;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;
import org.bytchat.tracker.interop.LibtorrentSwarm.Put;
import org.bytchat.tracker.interop.OurProgram.Ended;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of our program among nodes of libtorrent. */
@Tag("interop")
@Timeout(120)
class ProgramIT {

  private static final int NODES = 12;
  private static final int K = 8;
  private static final int DONE = 0;
  private static final int NOT_FOUND = 4;
  private static final int REFUSED = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final BaseEncoding HEX = BaseEncoding.base16().lowerCase();

  private final Random random = Seeds.random(5);
  private LibtorrentSwarm theirs;
  private String hub;

  /** Anew for each test: libtorrent keeps in its tables who put something, and has left. */
  @BeforeEach
  void start() throws Exception {
    theirs = LibtorrentSwarm.startLocal("127.0.96", NODES);
    theirs.acquaint();
    for (int i = 0; i < NODES; i++) {
      int node = i;
      await().atMost(LIMIT).until(() -> theirs.table(node).verified() == NODES - 1);
    }
    hub = theirs.peers().get(0).endpoint();
  }

  @AfterEach
  void end() {
    if (theirs != null) {
      theirs.close();
    }
  }

  @Test
  void ping_namesTheNode() throws Exception {
    Ended ping = OurProgram.run("ping", hub, "--dialect", "mainline");
    assertThat(ping.exitCode()).as(ping.err()).isEqualTo(DONE);
    assertThat(ping.out().path("node_id").asText()).isEqualTo(theirs.peers().get(0).nodeId());
  }

  @Test
  void lookup_findsTheClosest() throws Exception {
    NodeId key = NodeId.of(bytes(NodeId.BYTES));
    Ended lookup =
        OurProgram.run(
            "lookup", key.toString(), "--dialect", "mainline", "--bootstrap", hub, "-n", "" + K);
    assertThat(lookup.exitCode()).as(lookup.err()).isEqualTo(DONE);
    List<NodeId> found = new ArrayList<>();
    for (JsonNode node : lookup.out().path("closest")) {
      found.add(NodeId.parse(node.path("node_id").asText()));
    }
    List<NodeId> all = theirs.peers().stream().map(peer -> NodeId.parse(peer.nodeId())).toList();
    assertThat(found).isEqualTo(OurSwarm.closest(all, key, K));
  }

  @Test
  void immutableItems_goBothWays() throws Exception {
    Put foreign = theirs.putImmutable(5, "of theirs");
    Ended get = OurProgram.run("item", "get", HEX.encode(foreign.where()), "--bootstrap", hub);
    assertThat(get.exitCode()).as(get.err()).isEqualTo(DONE);
    assertThat(get.out().path("value").asText()).isEqualTo("of theirs");

    String nothing = HEX.encode(bytes(NodeId.BYTES));
    Ended missing = OurProgram.run("item", "get", nothing, "--bootstrap", hub);
    assertThat(missing.exitCode()).as(missing.err()).isEqualTo(NOT_FOUND);

    // Last, as libtorrent's own puts wait for whoever put something and has left.
    Ended put = OurProgram.run("item", "put", "of ours", "--bootstrap", hub);
    assertThat(put.exitCode()).as(put.err()).isEqualTo(DONE);
    byte[] target = HEX.decode(put.out().path("target").asText());
    assertThat(theirs.getImmutable(7, target).map(Item::text)).hasValue("of ours");
  }

  @Test
  void mutableItem_isReplacedInTurn(@TempDir Path folder) throws Exception {
    byte[] seed = bytes(SignedItem.SEED_BYTES);
    byte[] pem = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed).toPem();
    String key = Files.write(folder.resolve("key.pem"), pem).toString();
    Put first = theirs.putMutable(5, new Mutable(seed, "salt", "first"));
    byte[] salt = "salt".getBytes(StandardCharsets.UTF_8);
    String target = MainlineItem.targetOf(first.where(), salt, salt.length).toString();
    Ended get = OurProgram.run("item", "get", target, "--salt", "salt", "--bootstrap", hub);
    assertThat(get.exitCode()).as(get.err()).isEqualTo(DONE);
    assertThat(get.out().path("value").asText()).isEqualTo("first");
    assertThat(get.out().path("seq").asLong()).isEqualTo(first.seq());

    Ended second = put(key, "second");
    assertThat(second.exitCode()).as(second.err()).isEqualTo(DONE);
    assertThat(second.out().path("target").asText()).isEqualTo(target);
    assertThat(second.out().path("seq").asLong()).isEqualTo(first.seq() + 1);
    Ended old = put(key, "old", "--seq", "1");
    assertThat(old.exitCode()).as(old.err()).isEqualTo(REFUSED);
    assertThat(codes(old)).isNotEmpty().containsOnly(302);
    Ended other = put(key, "other", "--cas", "1");
    assertThat(other.exitCode()).as(other.err()).isEqualTo(REFUSED);
    assertThat(codes(other)).isNotEmpty().containsOnly(301);
    // Not libtorrent's own get, which waits for our programs that have left.
    Ended last = OurProgram.run("item", "get", target, "--salt", "salt", "--bootstrap", hub);
    assertThat(last.out().path("value").asText()).isEqualTo("second");
  }

  /** As after a put that some of the closest did not get. */
  @Test
  void mutableItem_thatSomeHoldNewer_isRefused(@TempDir Path folder) throws Exception {
    byte[] seed = bytes(SignedItem.SEED_BYTES);
    UserKey owner = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed);
    String key = Files.write(folder.resolve("key.pem"), owner.toPem()).toString();
    byte[] encoded = owner.publicKey().encoded();
    byte[] raw =
        Arrays.copyOfRange(encoded, encoded.length - MainlineItem.PUBLIC_KEY_BYTES, encoded.length);
    byte[] salt = "salt".getBytes(StandardCharsets.UTF_8);
    NodeId target = MainlineItem.targetOf(raw, salt, salt.length);
    List<Peer> nearestFirst = new ArrayList<>(theirs.peers());
    nearestFirst.sort(
        (a, b) -> target.compareDistance(NodeId.parse(a.nodeId()), NodeId.parse(b.nodeId())));
    for (Peer peer : nearestFirst) {
      theirs.putDirectly(peer, new Mutable(seed, "salt", "first"), 1, null);
    }
    for (Peer peer : nearestFirst.subList(0, 4)) {
      theirs.putDirectly(peer, new Mutable(seed, "salt", "second"), 2, null);
    }

    Ended old = put(key, "old", "--seq", "1");
    assertThat(old.exitCode()).as(old.err()).isEqualTo(REFUSED);
    assertThat(codes(old)).isNotEmpty().containsOnly(302);
    Ended other = put(key, "other", "--cas", "1");
    assertThat(other.exitCode()).as(other.err()).isEqualTo(REFUSED);
    assertThat(other.out().path("stored").asInt()).isZero();
    assertThat(codes(other)).isNotEmpty().containsOnly(301);
    Ended get = OurProgram.run("item", "get", target + "", "--salt", "salt", "--bootstrap", hub);
    assertThat(get.out().path("value").asText()).isEqualTo("second");
    Ended third = put(key, "third");
    assertThat(third.exitCode()).as(third.err()).isEqualTo(DONE);
    assertThat(third.out().path("seq").asLong()).isEqualTo(3);
  }

  private Ended put(String key, String value, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("item", "put", value, "--key", key));
    arguments.addAll(List.of("--salt", "salt", "--bootstrap", hub));
    arguments.addAll(List.of(options));
    return OurProgram.run(arguments.toArray(new String[0]));
  }

  /** The codes of those who refused; others may be new to the item. */
  private static List<Integer> codes(Ended put) {
    List<Integer> codes = new ArrayList<>();
    put.out()
        .path("nodes")
        .forEach(
            node -> {
              if (node.has("code")) {
                codes.add(node.path("code").asInt());
              }
            });
    return codes;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
