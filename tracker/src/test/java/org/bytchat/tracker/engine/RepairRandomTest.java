package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/** Random deposits, acknowledgements, crashes and failures: in the end all have the same. */
final class RepairRandomTest {

  private static final int STEPS = 60;

  /** One run. */
  private static final class Run {
    final Random random;
    final RepairLab lab;
    final TestUser user;
    final NodeIdentity contact;
    final List<Digest> sent = new ArrayList<>();
    final Map<Digest, Set<NodeIdentity>> acked = new LinkedHashMap<>();
    final Map<Node, Set<Digest>> deleted = new LinkedHashMap<>();
    final Set<Digest> receipted = new LinkedHashSet<>();

    Run(long seed) {
      random = Seeds.random(seed);
      lab = new RepairLab(HashScheme.INSTANCE, Seeds.derive(seed, 1));
      lab.delayMaxNanos = List.of(0L, 50_000_000L, 2_000_000_000L).get(random.nextInt(3));
      lab.add(RepairRulesTest.CONFIG, 4);
      user = lab.user(1 + random.nextInt(3));
      contact = user.newKey();
      lab.tellNeighbours();
    }

    void putOwner(Node node) {
      node.send(new Request.PutDevices(user.owner, user.list));
      DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1_000, 900);
      node.send(new Request.PutDeliveryKeys(user.keys(1, user.devices.get(0), key)));
    }

    Set<NodeIdentity> ackedBy(Digest digest) {
      return acked.computeIfAbsent(digest, unused -> new LinkedHashSet<>());
    }

    Node anyNode() {
      return lab.nodes.get(random.nextInt(lab.nodes.size()));
    }

    void step() {
      int kind = random.nextInt(100);
      lab.failEvery = random.nextInt(4) == 0 ? 3 : 0;
      if (kind < 40) {
        deposit(anyNode());
      } else if (kind < 60) {
        acknowledge(anyNode());
      } else if (kind < 68) {
        anyNode().crash();
        lab.tellNeighbours();
      } else if (kind < 76) {
        anyNode().isDown ^= true;
      } else {
        lab.advance(Duration.ofMinutes(random.nextInt(200)));
      }
      lab.failEvery = 0;
      check();
    }

    private void deposit(Node node) {
      putOwner(node);
      Envelope envelope = user.envelope(lab.wallMillis(), 7, 512 << random.nextInt(3));
      Response answer = node.send(TestUser.deposit(contact, envelope, node.id()));
      if (answer instanceof Response.Receipts) {
        receipted.add(envelope.digest());
        sent.add(envelope.digest());
        acked.put(envelope.digest(), new LinkedHashSet<>());
      }
    }

    private void acknowledge(Node node) {
      if (sent.isEmpty()) {
        return;
      }
      NodeIdentity device = user.devices.get(random.nextInt(user.devices.size()));
      Set<Digest> some = new LinkedHashSet<>();
      for (int i = 0; i < 4; i++) {
        some.add(sent.get(random.nextInt(sent.size())));
      }
      some.forEach(digest -> ackedBy(digest).add(device));
      node.send(new Request.PutAcks(user.ack(device, some)));
    }

    /** What a tracker has deleted never comes back, and nothing goes that is not acknowledged. */
    void check() {
      for (Node node : lab.nodes) {
        Set<Digest> live = node.digests(user, false);
        Set<Digest> gone = deleted.computeIfAbsent(node, unused -> new LinkedHashSet<>());
        live.retainAll(gone);
        assertThat(live).isEmpty();
        gone.addAll(node.digests(user, true));
        for (Digest digest : gone) {
          assertThat(ackedBy(digest)).containsAll(user.devices);
        }
      }
    }

    /** All are there, and nothing fails any more. */
    void end() {
      lab.nodes.forEach(node -> node.isDown = false);
      lab.tellNeighbours();
      for (int i = 0; i < 12; i++) {
        lab.advance(Duration.ofHours(1));
        check();
      }
      lab.nodes.forEach(node -> node.open(user, user.devices.get(0)));
      lab.advance(Duration.ofHours(6));
      check();
      if (receipted.isEmpty()) {
        return;
      }
      for (Node node : lab.nodes) {
        Set<Digest> known = node.digests(user, false);
        known.addAll(node.digests(user, true));
        assertThat(known).containsAll(receipted);
        assertThat(node.fingerprint(user)).isEqualTo(lab.nodes.get(0).fingerprint(user));
      }
    }
  }

  @SeededTest(runs = 40)
  void trackers_randomRequestsFailuresAndCrashes_converge(long seed) {
    Run run = new Run(seed);
    for (int i = 0; i < STEPS; i++) {
      run.step();
    }
    run.end();
  }
}
