package org.bytchat.dht.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.IterativeLookup.Limits;
import org.bytchat.dht.lookup.LookupDefences.Crowd;
import org.bytchat.dht.lookup.LookupDefences.Sign;
import org.bytchat.dht.lookup.LookupStep.Proof;
import org.junit.jupiter.api.Test;

/** What a lookup does against liars. The target is zero; node 5 is 5 units away from it. */
class LookupDefencesTest {

  private static final NodeId OWN = NodeId.of(-1, -1, -1);
  private static final int MANY = Integer.MAX_VALUE;

  /** Five or more nodes within a distance of 10 are a crowd. */
  private static final List<Sign> FIVE = List.of(new Sign(10, 5, false));

  private static final Crowd FIVE_WITHIN_TEN = new Crowd(10, FIVE, true, false, 42);

  // Scoring.

  @Test
  void scoring_fourOfASourcesContactsSilent_othersComeBeforeTheRest() {
    IterativeLookup lookup = lookup(6, 1, scoring(true), 50, 60, 70, 80, 90, 95);
    assertThat(step(lookup)).isEqualTo(node(50));
    answer(lookup, 50, 1, 2, 3, 4, 5, 6);
    for (int i = 1; i <= 4; i++) {
      assertThat(step(lookup)).isEqualTo(node(i));
      assertThat(lookup.onSlow(node(i))).isTrue();
    }
    assertThat(step(lookup)).as("5 and 6 are not believed in").isEqualTo(node(60));
    assertThat(lookup.isDoubtful(node(5))).isTrue();
    assertThat(lookup.isDoubtful(node(70))).isFalse();
    answer(lookup, 60);
    for (int other : new int[] {70, 80, 90, 95}) {
      assertThat(step(lookup)).isEqualTo(node(other));
      answer(lookup, other);
    }
    assertThat(lookup.next()).as("nor are 1 to 4 waited for").isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(nodes(50, 60, 70, 80, 90, 95));
  }

  @Test
  void scoring_off_asksThemAll() {
    IterativeLookup lookup = lookup(6, 1, scoring(false), 50, 60, 70, 80, 90, 95);
    step(lookup);
    answer(lookup, 50, 1, 2, 3, 4, 5, 6);
    for (int i = 1; i <= 6; i++) {
      assertThat(step(lookup)).isEqualTo(node(i));
      assertThat(lookup.onFailure(node(i))).isTrue();
    }
  }

  @Test
  void scoring_namedByAnotherToo_isAskedAllTheSame() {
    IterativeLookup lookup = lookup(6, 1, scoring(true), 50, 60, 70, 80, 90, 95);
    step(lookup);
    answer(lookup, 50, 1, 2, 3, 4, 5, 6);
    for (int i = 1; i <= 4; i++) {
      step(lookup);
      assertThat(lookup.onFailure(node(i))).isTrue();
    }
    assertThat(step(lookup)).isEqualTo(node(60));
    answer(lookup, 60, 5);
    assertThat(step(lookup)).as("60 is better").isEqualTo(node(5));
  }

  @Test
  void scoring_slowOnesAnswer_theirSourceIsBelievedAgain() {
    IterativeLookup lookup = lookup(6, 1, scoring(true), 50, 60, 70, 80, 90, 95);
    step(lookup);
    answer(lookup, 50, 1, 2, 3, 4, 5);
    for (int i = 1; i <= 4; i++) {
      step(lookup);
      lookup.onSlow(node(i));
    }
    assertThat(lookup.isDoubtful(node(5))).isTrue();
    answer(lookup, 4);
    assertThat(lookup.isDoubtful(node(5))).isFalse();
    assertThat(step(lookup)).isEqualTo(node(5));
  }

  @Test
  void scoring_nobodyElseKnown_asksTheDoubtfulToo() {
    IterativeLookup lookup = lookup(6, 1, scoring(true), 50);
    step(lookup);
    answer(lookup, 50, 1, 2, 3, 4, 5);
    for (int i = 1; i <= 4; i++) {
      step(lookup);
      lookup.onFailure(node(i));
    }
    assertThat(step(lookup)).isEqualTo(node(5));
    answer(lookup, 5);
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(5), node(50));
  }

  /** Three endpoints of an id are remembered; those that liars named make way for the true one. */
  @Test
  void endpointsPerId_liarsNamedWrongOnes_theTrueOneIsAskedOnceTheyFailed() {
    IterativeLookup lookup = lookup(8, 9, scoring(true), 50, 60, 70, 80);
    asks(lookup);
    for (int liar = 0; liar < 3; liar++) {
      Contact[] wrong = new Contact[6];
      for (int i = 1; i <= 6; i++) {
        wrong[i - 1] = at(i, endpoint(30 + liar, 1, 1, i, 4000));
      }
      answer(lookup, node(50 + 10 * liar), wrong);
    }
    List<Contact> asked = asks(lookup);
    while (!asked.isEmpty()) {
      asked.forEach(lookup::onFailure);
      asked = asks(lookup);
    }
    answer(lookup, 80, 1, 2, 3, 4, 5, 6);
    assertThat(asks(lookup)).contains(nodes(1, 2, 3, 4, 5, 6));
  }

  // Room for candidates.

  @Test
  void onResponse_moreNamedThanThereIsRoom_theMostTalkativeSourceGivesWay() {
    LookupDefences defences = scoring(true);
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(6, 2, 1, 8), defences, 0);
    lookup.seed(node(90));
    lookup.seed(node(91));
    step(lookup);
    step(lookup);
    answer(lookup, 91, 80, 81);
    answer(lookup, 90, 1, 2, 3, 4, 5, 6);
    Set<Contact> asked = new LinkedHashSet<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      asked.add(ask.contact());
      lookup.onFailure(ask.contact());
    }
    assertThat(asked).contains(node(80), node(81));
  }

  // Subnets.

  @Test
  void lookupPerSubnet_thirdOfASubnet_comesAfterTheOthers() {
    LookupDefences defences = new LookupDefences(false, 0, false, 2, MANY, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(3, 2, defences);
    List<Contact> subnet = inSubnets(4, false);
    subnet.forEach(each -> lookup.seed(each));
    lookup.seed(node(50));
    assertThat(asks(lookup)).containsExactly(subnet.get(0), subnet.get(1));
    answer(lookup, subnet.get(0));
    assertThat(asks(lookup)).containsExactly(subnet.get(2));
    answer(lookup, subnet.get(1));
    answer(lookup, subnet.get(2));
    assertThat(asks(lookup)).as("two of the subnet answered").containsExactly(node(50));
    answer(lookup, node(50));
    assertThat(lookup.result(0).closest())
        .as("the third of them gave way")
        .containsExactly(subnet.get(0), subnet.get(1), node(50));
  }

  @Test
  void lookupPerNetwork_otherSubnetsOfIt_countToo() {
    LookupDefences defences = new LookupDefences(false, 0, false, 2, 3, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(4, 9, defences);
    List<Contact> network = inSubnets(4, true);
    network.forEach(each -> lookup.seed(each));
    lookup.seed(node(50));
    asks(lookup).forEach(each -> answer(lookup, each));
    asks(lookup).forEach(each -> answer(lookup, each));
    assertThat(lookup.result(0).closest())
        .containsExactly(network.get(0), network.get(1), network.get(2), node(50));
  }

  /** Those who never answer, as nobody is there, hide nobody of their subnet. */
  @Test
  void lookupPerSubnet_madeUpNeighbours_hideNobody() {
    IterativeLookup lookup =
        lookup(6, 9, new LookupDefences(true, 0, false, 2, 8, false, Crowd.NEVER), 90);
    assertThat(step(lookup)).isEqualTo(node(90));
    Contact honest = at(9, endpoint(20, 1, 1, 9, 4000));
    List<Contact> madeUp = inSubnets(4, false);
    lookup.onResponse(
        node(90), new Contact[] {madeUp.get(0), madeUp.get(1), madeUp.get(2), honest}, 4);
    List<Contact> asked = asks(lookup);
    assertThat(asked).contains(honest);
    madeUp.forEach(lookup::onFailure);
    answer(lookup, honest);
    assertThat(lookup.result(0).closest()).containsExactly(honest, node(90));
  }

  @Test
  void lookupPerSubnet_nobodyElse_allOfItAreFound() {
    LookupDefences defences = new LookupDefences(false, 0, false, 2, 8, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(3, 4, defences);
    List<Contact> subnet =
        IntStream.rangeClosed(1, 4).mapToObj(i -> at(i, endpoint(20, 1, 1, i, 4000))).toList();
    subnet.forEach(each -> lookup.seed(each));
    for (Contact contact : asks(lookup)) {
      lookup.onResponse(contact, new Contact[0], 0);
    }
    assertThat(lookup.result(0).closest()).isEqualTo(subnet.subList(0, 3));
  }

  @Test
  void lookupPerSubnet_localAndExempt_doesNotHold() {
    LookupDefences defences = new LookupDefences(false, 0, false, 1, 1, true, Crowd.NEVER);
    IterativeLookup lookup = lookup(2, 4, defences);
    List<Contact> local =
        IntStream.rangeClosed(1, 2).mapToObj(i -> at(i, endpoint(127, 0, 0, 1, 4000 + i))).toList();
    local.forEach(each -> lookup.seed(each));
    lookup.seed(node(50));
    assertThat(asks(lookup)).isEqualTo(local);
  }

  // Crowds.

  @Test
  void crowd_tooManyNear_proveTheirIdsAndAreAskedAroundThemselves() {
    IterativeLookup lookup = lookup(6, 9, crowd(FIVE_WITHIN_TEN), 50);
    step(lookup);
    answer(lookup, 50, 1, 2);
    assertThat(asks(lookup)).containsExactly(node(1), node(2));
    assertThat(lookup.isCrowded()).isFalse();
    answer(lookup, 1, 3, 4, 5);
    Set<Contact> proving = new LinkedHashSet<>();
    while (lookup.next() instanceof LookupStep.Prove prove) {
      proving.add(prove.contact());
    }
    assertThat(lookup.isCrowded()).isTrue();
    assertThat(proving).as("2 is asked already").containsExactlyInAnyOrder(nodes(1, 3, 4, 5));
    assertThat(lookup.onProof(node(3), Proof.BAD)).isTrue();
    assertThat(lookup.onProof(node(4), Proof.NONE)).isTrue();
    assertThat(lookup.onProof(node(5), Proof.GOOD)).isTrue();
    assertThat(lookup.onProof(node(1), Proof.GOOD)).isTrue();
    Set<Contact> around = new LinkedHashSet<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      assertThat(ask.isAround()).isTrue();
      around.add(ask.contact());
    }
    assertThat(around).containsExactlyInAnyOrder(nodes(1, 5));
    answer(lookup, 1);
    answer(lookup, 5);
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    assertThat(lookup.onFailure(node(2))).isTrue();
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    LookupResult result = lookup.result(0);
    assertThat(result.isCrowded()).isTrue();
    assertThat(result.closest()).containsExactly(nodes(1, 5, 50));
    assertThat(result.requests()).as("5 asked, 4 proofs").isEqualTo(9);
  }

  @Test
  void crowd_manyTimesK_allOfItIsFound() {
    IterativeLookup lookup = lookup(2, 3, crowd(new Crowd(10, FIVE, false, false, 7)), 50);
    step(lookup);
    answer(lookup, 50, 1, 2);
    while (lookup.next() instanceof LookupStep.Ask ask) {
      lookup.onResponse(ask.contact(), nodes(1, 2, 3, 4, 5, 6), 2);
      lookup.onResponse(ask.contact(), new Contact[0], 0);
    }
    lookup.seed(node(3));
    lookup.seed(node(4));
    lookup.seed(node(5));
    lookup.seed(node(6));
    lookup.seed(node(20));
    Set<Contact> asked = new LinkedHashSet<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      asked.add(ask.contact());
      answer(lookup, ask.contact());
    }
    assertThat(asked).as("20 is out of reach").doesNotContain(node(20)).contains(nodes(3, 4, 5, 6));
    assertThat(lookup.result(0).closest()).containsExactly(nodes(1, 2, 3, 4, 5, 6));
  }

  @Test
  void crowd_whoAnsweredButCannotProve_nothingOfItIsBelieved() {
    IterativeLookup lookup = lookup(3, 4, crowd(FIVE_WITHIN_TEN), 50, 60, 70);
    asks(lookup);
    answer(lookup, 50, 1);
    asks(lookup);
    answer(lookup, 1, 2, 3, 4);
    asks(lookup);
    answer(lookup, 60, 5);
    while (lookup.next() instanceof LookupStep.Prove prove) {
      boolean isTrue = prove.contact().equals(node(5));
      lookup.onProof(prove.contact(), isTrue ? Proof.GOOD : Proof.BAD);
    }
    assertThat(lookup.isDoubtful(node(2))).isTrue();
  }

  @Test
  void crowd_secondAnswerMissing_theFirstCounts() {
    IterativeLookup lookup =
        lookup(2, 9, crowd(new Crowd(10, FIVE, false, false, 7)), 1, 2, 3, 4, 6);
    for (Contact contact : asks(lookup)) {
      lookup.onResponse(contact, new Contact[0], 0);
    }
    List<Contact> again = asks(lookup);
    again.forEach(lookup::onSlow);
    again.forEach(lookup::onOverdue);
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(nodes(1, 2, 3, 4, 6));
  }

  @Test
  void crowd_fewButAllAtTheKey_isNoticed() {
    List<Sign> signs = List.of(new Sign(1000, 100, false), new Sign(10, 5, true));
    IterativeLookup lookup = lookup(5, 9, crowd(new Crowd(1000, signs, true, false, 42)), 11, 900);
    asks(lookup);
    answer(lookup, 11, 1, 2, 3, 4);
    lookup.next();
    assertThat(lookup.isCrowded()).as("4 within 10").isFalse();
    answer(lookup, 900, 5);
    asks(lookup);
    assertThat(lookup.isCrowded()).as("5 within 10 are named, none answered").isFalse();
    for (int near = 1; near <= 5; near++) {
      answer(lookup, near);
    }
    assertThat(lookup.next()).isInstanceOf(LookupStep.Prove.class);
    assertThat(lookup.isCrowded()).isTrue();
    Set<Contact> proving = new LinkedHashSet<>();
    while (lookup.next() instanceof LookupStep.Prove prove) {
      proving.add(prove.contact());
    }
    assertThat(proving).as("all within 1000").contains(nodes(11, 900));
  }

  // Those that it began with.

  @Test
  void seedsToo_nearerOnesAnswered_asksTheNextSeedsInTheEnd() {
    LookupDefences two = new LookupDefences(true, 2, false, MANY, MANY, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(2, 1, two, 50, 60, 70, 80);
    assertThat(asks(lookup)).containsExactly(node(50));
    answer(lookup, 50, 1, 2);
    assertThat(asks(lookup)).containsExactly(node(1));
    answer(lookup, 1);
    assertThat(asks(lookup)).containsExactly(node(2));
    answer(lookup, 2);
    assertThat(asks(lookup)).as("their slots do not count").containsExactly(nodes(60, 70));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(lookup, 60, 3);
    lookup.onFailure(node(70));
    assertThat(lookup.next()).as("nobody nearer is known").isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(nodes(1, 2));
  }

  @Test
  void seedsToo_aSeedNamesNearerOnes_goesOnWithThem() {
    LookupDefences one = new LookupDefences(true, 1, false, MANY, MANY, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(1, 1, one, 50, 60);
    asks(lookup);
    answer(lookup, 50, 9);
    asks(lookup);
    answer(lookup, 9);
    assertThat(asks(lookup)).containsExactly(node(60));
    answer(lookup, 60, 4);
    assertThat(asks(lookup)).containsExactly(node(4));
    answer(lookup, 4);
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(4));
  }

  @Test
  void seedsToo_aSeedIsSlow_isNotWaitedFor() {
    LookupDefences one = new LookupDefences(true, 1, false, MANY, MANY, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(1, 1, one, 50, 60);
    asks(lookup);
    answer(lookup, 50);
    assertThat(asks(lookup)).containsExactly(node(60));
    lookup.onSlow(node(60));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
  }

  @Test
  void isProving_madeUpOnesAreNearest_areNotOfTheResultAndTheNextAreAsked() {
    LookupDefences proving = new LookupDefences(true, 0, true, MANY, MANY, false, Crowd.NEVER);
    IterativeLookup lookup = lookup(2, 2, proving, 50, 60);
    assertThat(asks(lookup)).containsExactly(nodes(50, 60));
    answer(lookup, 50, 1, 2, 40);
    answer(lookup, 60, 40);
    assertThat(asks(lookup)).containsExactly(nodes(1, 2));
    answer(lookup, 1);
    answer(lookup, 2);
    for (int ghost : new int[] {1, 2}) {
      assertThat(lookup.next()).isEqualTo(new LookupStep.Prove(node(ghost)));
    }
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    assertThat(lookup.onProof(node(1), LookupStep.Proof.NONE)).isTrue();
    assertThat(lookup.onProof(node(2), LookupStep.Proof.NONE)).isTrue();
    assertThat(step(lookup)).isEqualTo(node(40));
    assertThat(lookup.next()).isEqualTo(new LookupStep.Prove(node(50)));
    answer(lookup, 40);
    assertThat(lookup.next()).isEqualTo(new LookupStep.Prove(node(40)));
    assertThat(lookup.onProof(node(40), LookupStep.Proof.GOOD)).isTrue();
    assertThat(lookup.onProof(node(50), LookupStep.Proof.KNOWN)).isTrue();
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(nodes(40, 50));
  }

  @Test
  void isSeed_onlyThoseThatNobodyNamed() {
    IterativeLookup lookup = lookup(2, 1, LookupDefences.NONE, 50, 60);
    asks(lookup);
    answer(lookup, 50, 1, 60);
    assertThat(lookup.isSeed(node(50))).isTrue();
    assertThat(lookup.isSeed(node(60))).as("named as well").isTrue();
    assertThat(lookup.isSeed(node(1))).isFalse();
    assertThat(lookup.isSeed(node(9))).as("unknown").isFalse();
  }

  // Help.

  private static LookupDefences scoring(boolean on) {
    return new LookupDefences(on, 0, false, MANY, MANY, false, Crowd.NEVER);
  }

  private static LookupDefences crowd(Crowd crowd) {
    return new LookupDefences(true, 0, false, MANY, MANY, false, crowd);
  }

  private static IterativeLookup lookup(
      int closest, int parallelism, LookupDefences defences, int... seeds) {
    Limits limits = new Limits(closest, parallelism, 1, 200);
    IterativeLookup lookup = new IterativeLookup(OWN, NodeId.ZERO, limits, defences, 0);
    for (int seed : seeds) {
      lookup.seed(node(seed));
    }
    return lookup;
  }

  /** Makes the nearest nodes, in one subnet or in several of one network. */
  private static List<Contact> inSubnets(int count, boolean several) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> at(i, endpoint(20, 1, several ? i : 1, i, 4000)))
        .toList();
  }

  private static Contact node(int distance) {
    return at(distance, endpoint(distance));
  }

  private static Contact[] nodes(int... distances) {
    return IntStream.of(distances).mapToObj(LookupDefencesTest::node).toArray(Contact[]::new);
  }

  private static Contact at(int distance, Endpoint endpoint) {
    return contact(NodeId.of(distance, 0, 0), endpoint);
  }

  /** Takes one step, which must be to ask somebody. */
  private static Contact step(IterativeLookup lookup) {
    return ((LookupStep.Ask) lookup.next()).contact();
  }

  private static List<Contact> asks(IterativeLookup lookup) {
    List<Contact> asked = new ArrayList<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      asked.add(ask.contact());
    }
    return asked;
  }

  private static void answer(IterativeLookup lookup, int distance, int... named) {
    answer(lookup, node(distance), nodes(named));
  }

  private static void answer(IterativeLookup lookup, Contact contact, Contact... named) {
    assertThat(lookup.onResponse(contact, named, named.length)).isTrue();
  }
}
