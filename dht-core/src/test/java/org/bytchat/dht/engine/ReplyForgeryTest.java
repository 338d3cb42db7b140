package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * A reply counts only if transaction id, address, port and node id all agree. Each wrong one alone
 * and every combination is tried on a lookup's request, and the right reply after it.
 */
class ReplyForgeryTest {

  private static final int TRANSACTION = 1;
  private static final int ADDRESS = 2;
  private static final int PORT = 4;
  private static final int ID = 8;
  private static final int COMBINATIONS = 16;

  /** A lookup that waits for the answer of the one contact that the node has. */
  private static final class Waiting {

    final Solo solo;
    final Random random;
    final SoloPeer peer;
    final SoloPeer named;
    final Packet request;

    Waiting(long seed) {
      solo = Solo.of(seed);
      random = Seeds.random(Seeds.derive(seed, 1));
      peer = solo.contact(1);
      named = solo.peer(2);
      // The join that follows the first contact is over before the lookup begins.
      solo.serve(List.of(peer), Duration.ofSeconds(20));
      assertThat(solo.takeSent()).isEmpty();
      solo.engine().startLookup(TestContacts.randomId(random), AddressFamily.IPV4, solo.nowNanos());
      solo.flush();
      request = solo.takeOnly(peer.endpoint);
    }

    Packet rightReply() {
      return peer.answer(request, named.contact());
    }

    void receiveForged(int wrong) {
      Packet reply = rightReply();
      if (random.nextInt(4) == 0) {
        reply.kind = Kind.ERROR;
        reply.error(ErrorCode.BUSY, "");
      }
      if ((wrong & TRANSACTION) != 0) {
        reply.transactionId ^= 1L << random.nextInt(64);
      }
      if ((wrong & ID) != 0) {
        reply.sender(flipped(peer.id(), random.nextInt(NodeId.BITS)));
      }
      int address = (int) peer.endpoint.addressLow();
      int port = peer.endpoint.port();
      // Bits that leave the address a public one and the port usable.
      address ^= (wrong & ADDRESS) != 0 ? 1 << random.nextInt(16) : 0;
      port ^= (wrong & PORT) != 0 ? 1 << random.nextInt(12) : 0;
      solo.receive(Endpoint.ofIpv4(address, port), SoloPeer.encode(reply));
    }

    List<LookupResult> results() {
      return solo.events().stream()
          .filter(event -> event instanceof EngineEvent.LookupFinished)
          .map(event -> ((EngineEvent.LookupFinished) event).result())
          .toList();
    }
  }

  private static NodeId flipped(NodeId id, int bit) {
    byte[] bytes = id.toBytes();
    bytes[bit / 8] ^= (byte) (0x80 >>> bit % 8);
    return NodeId.of(bytes);
  }

  @SeededTest(runs = 20)
  void handleReply_anyCombinationWrong_isDroppedCountedAndHarmless(long seed) {
    for (int wrong = 1; wrong < COMBINATIONS; wrong++) {
      if (wrong == ID) {
        continue;
      }
      Waiting waiting = new Waiting(Seeds.derive(seed, wrong));
      Solo solo = waiting.solo;
      EngineStats before = solo.engine().stats();
      waiting.receiveForged(wrong);
      Counter expected =
          (wrong & TRANSACTION) != 0 ? Counter.DROPPED_UNSOLICITED : Counter.DROPPED_WRONG_ENDPOINT;
      assertCountedOnly(before, solo.engine().stats(), expected, wrong);
      assertThat(solo.engine().stats().requestsUnderWay()).isEqualTo(before.requestsUnderWay());
      assertThat(solo.takeSent()).as("nobody named by a forger is asked").isEmpty();
      assertThat(waiting.results()).isEmpty();

      solo.receive(waiting.peer, waiting.rightReply());
      assertThat(solo.count(Counter.RESPONSES)).isEqualTo(before.count(Counter.RESPONSES) + 1);
      assertThat(solo.takeSent(waiting.named.endpoint)).as("whom the right one names").isNotEmpty();
      finish(waiting);
      assertThat(closest(waiting)).contains(waiting.peer.contact());
    }
  }

  @SeededTest(runs = 20)
  void handleReply_wrongIdFromTheRightEndpoint_failsThatRequestOnly(long seed) {
    Waiting waiting = new Waiting(seed);
    Solo solo = waiting.solo;
    EngineStats before = solo.engine().stats();
    waiting.receiveForged(ID);
    assertCountedOnly(before, solo.engine().stats(), Counter.DROPPED_WRONG_ID, ID);
    assertThat(solo.engine().stats().requestsUnderWay()).isZero();
    assertThat(closest(waiting)).as("nobody answered").isEmpty();
    solo.receive(waiting.peer, waiting.rightReply());
    assertThat(solo.count(Counter.DROPPED_UNSOLICITED))
        .as("it is too late for the right one")
        .isEqualTo(before.count(Counter.DROPPED_UNSOLICITED) + 1);
    assertThat(solo.takeSent(waiting.named.endpoint)).isEmpty();
    assertThat(solo.engine().contacts()).as("one failure does not evict").hasSize(1);
  }

  @SeededTest(runs = 20)
  void handleReply_rightOneTwice_countsOnce(long seed) {
    Waiting waiting = new Waiting(seed);
    waiting.solo.receive(waiting.peer, waiting.rightReply());
    EngineStats before = waiting.solo.engine().stats();
    waiting.solo.receive(waiting.peer, waiting.rightReply());
    assertCountedOnly(before, waiting.solo.engine().stats(), Counter.DROPPED_UNSOLICITED, 0);
  }

  @SeededTest(runs = 20)
  void handleReply_answerWithoutContacts_failsThatRequest(long seed) {
    Waiting waiting = new Waiting(seed);
    EngineStats before = waiting.solo.engine().stats();
    Packet reply = waiting.rightReply();
    reply.contacts4Count = -1;
    waiting.solo.receive(waiting.peer, reply);
    assertCountedOnly(before, waiting.solo.engine().stats(), Counter.DROPPED_INCOMPLETE, 0);
    assertThat(closest(waiting)).isEmpty();
  }

  @SeededTest(runs = 20)
  void handleReply_afterTheHardTimeout_isUnsolicited(long seed) {
    Waiting waiting = new Waiting(seed);
    waiting.solo.run(Duration.ofSeconds(5));
    EngineStats before = waiting.solo.engine().stats();
    assertThat(before.requestsUnderWay()).isZero();
    waiting.solo.receive(waiting.peer, waiting.rightReply());
    assertCountedOnly(before, waiting.solo.engine().stats(), Counter.DROPPED_UNSOLICITED, 0);
  }

  private static void assertCountedOnly(
      EngineStats before, EngineStats after, Counter expected, int wrong) {
    Map<Counter, Long> always =
        Map.of(Counter.RECEIVED, 1L, expected, 1L, Counter.LOOKUPS, -1L, Counter.SENT, -1L);
    for (Counter counter : Counter.values()) {
      if (counter == Counter.RECEIVED_BYTES || always.getOrDefault(counter, 0L) < 0) {
        continue;
      }
      assertThat(after.count(counter) - before.count(counter))
          .as("%s after a reply with wrong %s", counter, Integer.toBinaryString(wrong))
          .isEqualTo(always.getOrDefault(counter, 0L));
    }
  }

  /** Answers nobody any more, so that the lookup comes to its end. */
  private static void finish(Waiting waiting) {
    waiting.solo.run(Duration.ofSeconds(6));
  }

  private static List<Contact> closest(Waiting waiting) {
    List<LookupResult> results = waiting.results();
    assertThat(results).hasSize(1);
    return results.get(0).closest();
  }
}
