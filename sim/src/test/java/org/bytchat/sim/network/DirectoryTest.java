package org.bytchat.sim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Goal: the directory tells the truth about who is near and up. Method: brute force beside it. */
class DirectoryTest {

  private static final long END = 10_000;

  private static List<long[]> randomLives(Random random, int nodes) {
    List<long[]> lives = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      long[] times = new long[2 * random.nextInt(5)];
      long time = random.nextInt(3) == 0 ? 0 : random.nextInt(2_000);
      for (int i = 0; i < times.length; i++) {
        times[i] = time;
        time += 1 + random.nextInt(3_000);
      }
      lives.add(times);
    }
    return lives;
  }

  private static Places randomPlaces(Random random) {
    int nodes = 2 + random.nextInt(400);
    List<Integer> unreachable = new ArrayList<>();
    for (int i = 0; i < nodes / 5; i++) {
      unreachable.add(random.nextInt(nodes));
    }
    return new Places(randomLives(random, nodes), random.nextBoolean(), unreachable);
  }

  private static boolean isUp(long[] times, int life, long from, long to) {
    return times[2 * life] <= from && to < times[2 * life + 1];
  }

  private static List<Contact> bruteForce(
      Places places, Directory directory, NodeId target, long from, long to) {
    List<Contact> all = new ArrayList<>();
    for (int node = 0; node < places.nodes(); node++) {
      for (int life = 0; life < places.of(node).length / 2; life++) {
        if (isUp(places.of(node), life, from, to) && places.isReachable(node)) {
          all.add(directory.contact(node, places.isFresh() ? life : 0));
        }
      }
    }
    all.sort((a, b) -> target.compareDistance(a.id(), b.id()));
    return all;
  }

  @SeededTest
  void closest_randomIdsTimesAndChurn_isThatOfBruteForce(long seed) {
    Random random = Seeds.random(seed);
    Places places = randomPlaces(random);
    Directory directory = places.directory(seed);
    for (int i = 0; i < 100; i++) {
      NodeId target = NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
      long from = random.nextInt((int) END);
      long to = from + random.nextInt(500);
      int count = 1 + random.nextInt(30);
      List<Contact> all = bruteForce(places, directory, target, from, to);
      NodeId except =
          all.isEmpty() || random.nextBoolean()
              ? null
              : all.get(random.nextInt(Math.min(5, all.size()))).id();
      List<Contact> expected =
          all.stream()
              .filter(each -> except == null || !each.id().equals(except))
              .limit(count)
              .toList();
      assertThat(directory.closest(target, count, from, to, except)).isEqualTo(expected);
    }
  }

  @SeededTest
  void isUp_randomTimes_isThatOfTheLives(long seed) {
    Random random = Seeds.random(seed);
    Places places = randomPlaces(random);
    Directory directory = places.directory(seed);
    for (int i = 0; i < 300; i++) {
      int node = random.nextInt(places.nodes());
      long[] times = places.of(node);
      long at = times.length > 0 && random.nextBoolean() ? times[0] : random.nextInt((int) END);
      int current = -1;
      for (int life = 0; life < times.length / 2; life++) {
        current = isUp(times, life, at, at) ? life : current;
      }
      assertThat(directory.isUp(node, at)).isEqualTo(current >= 0);
      for (int life = 0; life < times.length / 2; life++) {
        boolean isOne = current >= 0 && (!places.isFresh() || life == current);
        Contact contact = directory.contact(node, places.isFresh() ? life : 0);
        assertThat(directory.isUpAs(contact, at)).isEqualTo(isOne && places.isReachable(node));
        assertThat(directory.isKnown(contact)).isTrue();
      }
      if (current >= 0) {
        assertThat(directory.contactAt(node, at))
            .isSameAs(directory.contact(node, places.isFresh() ? current : 0));
      }
    }
  }

  @Test
  void contactAt_whoIsNotUp_isTheNextLifeOrTheLast() {
    Places places = new Places(List.of(new long[] {10, 20, 30, 40}, new long[0]), true, List.of());
    Directory directory = places.directory(5);
    assertThat(directory.contactAt(0, 0)).isSameAs(directory.contact(0, 0));
    assertThat(directory.contactAt(0, 25)).isSameAs(directory.contact(0, 1));
    assertThat(directory.contactAt(0, 99)).isSameAs(directory.contact(0, 1));
    assertThat(directory.contactAt(1, 99)).isSameAs(directory.contact(1, 0));
  }

  @Test
  void intern_equalContact_isTheSharedInstance() {
    Places places = new Places(randomLives(Seeds.random(3), 50), true, List.of());
    Directory directory = places.directory(3);
    for (int node = 0; node < 50; node++) {
      for (int life = 0; life < Math.max(1, places.of(node).length / 2); life++) {
        Contact shared = directory.contact(node, life);
        Contact copy = Contact.of(shared.id(), shared.endpoint(), shared.services());
        assertThat(directory.intern(copy)).isSameAs(shared);
        assertThat(shared.id()).isEqualTo(directory.identity(node, life).id());
      }
    }
  }

  @Test
  void intern_anybodyElse_staysAsItIs() {
    Places places = new Places(randomLives(Seeds.random(4), 5), false, List.of());
    Directory directory = places.directory(4);
    Contact known = directory.contact(0, 0);
    List<Contact> others =
        List.of(
            Contact.of(NodeId.ZERO, known.endpoint(), known.services()),
            Contact.of(known.id(), known.endpoint(), known.services() + 2),
            Contact.of(known.id(), Endpoint.ofIpv4(0x7f00_0001, 9), known.services()));
    for (Contact other : others) {
      assertThat(directory.intern(other)).isSameAs(other);
    }
    assertThat(directory.isKnown(others.get(0))).isFalse();
    assertThat(directory.isKnown(others.get(2))).isFalse();
    assertThat(directory.isUpAs(others.get(2), 0)).isFalse();
  }

  /** Public keys of which many have ids with the same 64 bits would take years to find. */
  private static final class Crowded implements SignatureScheme {

    @Override
    public byte[] publicKey(byte[] seed) {
      return seed.clone();
    }

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
      return new byte[64];
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
      return true;
    }
  }

  @Test
  void closest_sameKeyEverywhere_findsAllPlacesOnce() {
    int nodes = 120;
    List<long[]> lives = new ArrayList<>(Collections.nCopies(nodes, Directory.ALWAYS));
    Places places = new Places(lives, false, List.of(7));
    Directory real = places.directory(9);
    NodeIdentity one = NodeIdentity.of(new Crowded(), new byte[32]);
    Directory directory =
        new Directory(
            real.addresses(),
            places,
            (node, life) -> node % 3 == 0 ? one : real.identity(node, 0),
            0);
    List<Contact> found = directory.closest(one.id(), 40, 0, 0, null);
    assertThat(found).hasSize(40).doesNotHaveDuplicates();
    assertThat(found).allMatch(each -> each.id().equals(one.id()));
    assertThat(directory.closest(one.id(), nodes, 0, 0, null)).hasSize(nodes - 1);
    assertThat(directory.closest(one.id(), nodes, 0, 0, one.id())).hasSize(nodes - 41);
    for (int node = 0; node < nodes; node++) {
      @Nullable Contact contact = directory.contact(node, 0);
      assertThat(directory.isUpAs(contact, 5)).isEqualTo(node != 7);
    }
  }
}
