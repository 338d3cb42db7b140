package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records and blobs as a user of nodes puts and reads them. */
@Timeout(120)
class DhtNodeRecordTest {

  private static final int NODES = 10;
  private static final int REPLICAS = 5;

  @Test
  void put_amongTenNodes_isReadThroughEach() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    MutableRecord signed = LoopbackNetwork.signed(key, 1, "hello");
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      assertThat(Loopback.get(network.node(7).get(signed.key()))).as("before").isEmpty();
      PutResult result = Loopback.get(network.node(3).put(signed));
      assertThat(result.place()).isEqualTo(signed.key());
      assertThat(result.sequence()).isEqualTo(1);
      assertThat(result.isEnough()).isTrue();
      assertThat(result.isSuperseded()).isFalse();
      assertThat(result.stored()).isEqualTo(REPLICAS);
      assertThat(result.nodes()).hasSize(REPLICAS);
      for (DhtNode node : network.nodes()) {
        assertThat(Loopback.get(node.get(signed.key()))).contains(signed);
      }
    }
  }

  @Test
  void put_expectingASequence_replacesThatOneOnly() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    MutableRecord first = LoopbackNetwork.signed(key, 1, "first");
    MutableRecord second = LoopbackNetwork.signed(key, 2, "second");
    MutableRecord third = LoopbackNetwork.signed(key, 3, "third");
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      assertThat(Loopback.get(network.node(0).put(first, 0)).stored()).isEqualTo(REPLICAS);
      assertThat(Loopback.get(network.node(1).put(second, 1)).stored()).isEqualTo(REPLICAS);
      PutResult late = Loopback.get(network.node(2).put(third, 1));
      assertThat(late.isEnough()).isFalse();
      assertThat(late.nodes())
          .hasSize(REPLICAS)
          .allMatch(node -> node.outcome() == PutResult.Outcome.REJECTED)
          .allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
      assertThat(Loopback.get(network.node(3).get(first.key()))).contains(second);
      assertThatThrownBy(() -> network.node(0).put(third, -1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void put_olderSequence_isRefusedAsSuperseded() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    MutableRecord newer = LoopbackNetwork.signed(key, 9, "newer");
    MutableRecord older = LoopbackNetwork.signed(key, 8, "older");
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      assertThat(Loopback.get(network.node(0).put(newer)).isEnough()).isTrue();
      PutResult result = Loopback.get(network.node(1).put(older));
      assertThat(result.isSuperseded()).isTrue();
      assertThat(result.isEnough()).isFalse();
      assertThat(result.nodes())
          .hasSize(REPLICAS)
          .allMatch(node -> node.errorCode() == ErrorCode.SEQUENCE_TOO_OLD);
      assertThat(Loopback.get(network.node(2).get(newer.key()))).contains(newer);
    }
  }

  @Test
  void put_forgedSignature_isRefusedByEveryHolder() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    MutableRecord good = LoopbackNetwork.signed(key, 1, "mine");
    MutableRecord forged =
        new MutableRecord.Draft(
                good.uidVersion(),
                good.label(),
                good.publicKey(),
                2,
                good.issuedMillis(),
                good.expiresMillis(),
                good.value())
            .signed(good.signature());
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      // A read-only node holds nothing itself.
      DhtNode client = network.add(Loopback.busy().withReadOnly(true));
      Loopback.get(client.joined());
      assertThat(Loopback.get(client.put(good)).stored()).isEqualTo(REPLICAS);
      PutResult result = Loopback.get(client.put(forged));
      assertThat(result.nodes())
          .hasSize(REPLICAS)
          .allMatch(node -> node.outcome() == PutResult.Outcome.REJECTED)
          .allMatch(node -> node.errorCode() == ErrorCode.BAD_SIGNATURE);
      assertThat(Loopback.get(client.get(good.key()))).contains(good);
    }
  }

  @Test
  void put_twoNodes_namesBothAndIsNotEnough() throws Exception {
    MutableRecord signed = LoopbackNetwork.signed(LoopbackNetwork.newKey(), 1, "few");
    try (LoopbackNetwork network = LoopbackNetwork.start(2, Loopback.busy())) {
      PutResult result = Loopback.get(network.node(0).put(signed));
      assertThat(result.isEnough()).as("w is 3").isFalse();
      assertThat(result.nodes())
          .extracting(node -> node.id())
          .containsExactlyInAnyOrder(network.node(0).id(), network.node(1).id());
      assertThat(result.stored()).isEqualTo(2);
      assertThat(Loopback.get(network.node(1).get(signed.key()))).contains(signed);
    }
  }

  @Test
  void commands_nobodyThere_failWithNoPeers() throws Exception {
    MutableRecord signed = LoopbackNetwork.signed(LoopbackNetwork.newKey(), 1, "alone");
    Uid uid = LoopbackNetwork.newKey().publicKey().uid(Uid.VERSION_2);
    try (DhtNode client =
        Loopback.node().config(Loopback.impatient().withReadOnly(true)).build().start()) {
      assertThat(Loopback.failureOf(client.get(NodeId.ZERO)))
          .isInstanceOf(DhtException.NoPeers.class);
      assertThat(Loopback.failureOf(client.put(signed))).isInstanceOf(DhtException.NoPeers.class);
      assertThat(Loopback.failureOf(client.profile(uid))).isInstanceOf(DhtException.NoPeers.class);
      assertThat(
              Loopback.failureOf(
                  client.publish(
                      LoopbackNetwork.newKey(), Uid.DEFAULT_VERSION, new Profile("Ann"))))
          .isInstanceOf(DhtException.NoPeers.class);
    }
  }

  @Test
  void blob_publishedMissingOrWrong_isReadOrItsFaultNamed() throws Exception {
    byte[] content = new byte[5_000];
    Random random = Seeds.random(1);
    random.nextBytes(content);
    BlobReference reference = Blob.cut(content, 0).reference();
    BlobReference otherHash = new BlobReference(content.length, new byte[32], reference.root());
    BlobReference nowhere = new BlobReference(content.length, reference.sha256(), NodeId.ZERO);
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      Published published =
          Loopback.get(
              network
                  .node(0)
                  .publish(
                      LoopbackNetwork.newKey(),
                      Uid.VERSION_2,
                      "file",
                      reference.toBytes(),
                      content));
      assertThat(published.result().isEnough()).isTrue();
      for (DhtNode node : network.nodes()) {
        assertThat(Loopback.get(node.blob(reference))).isEqualTo(content);
      }
      assertThat(Loopback.failureOf(network.node(1).blob(otherHash)))
          .isInstanceOf(DhtException.Invalid.class)
          .hasMessageContaining("HASH");
      assertThat(Loopback.failureOf(network.node(1).blob(nowhere)))
          .isInstanceOf(DhtException.NotFound.class);
    }
  }
}
