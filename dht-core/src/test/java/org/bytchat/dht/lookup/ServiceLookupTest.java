package org.bytchat.dht.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.IterativeLookup.Limits;
import org.junit.jupiter.api.Test;

/**
 * Lookups of those that offer services: who counts, who is asked for the way, and when they end.
 */
class ServiceLookupTest {

  private static final NodeId OWN = NodeId.of(1, 0, 0);
  private static final int SERVICE = 1;
  private static final int OTHER = 2;

  private final IterativeLookup lookup =
      new IterativeLookup(OWN, NodeId.ZERO, new Limits(3, 2, 1, 200), LookupDefences.NONE, 0)
          .offering(SERVICE);

  private static Contact node(int distance, int services) {
    return Contact.of(NodeId.of(0, 0, distance), endpoint(distance), services);
  }

  private static Contact offering(int distance) {
    return node(distance, SERVICE);
  }

  private static Contact plain(int distance) {
    return node(distance, 0);
  }

  private List<Contact> asks() {
    List<Contact> asked = new ArrayList<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      asked.add(ask.contact());
    }
    return asked;
  }

  private void answer(Contact contact, Contact... referred) {
    assertThat(lookup.onResponse(contact, referred, referred.length)).isTrue();
  }

  private List<Contact> found() {
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    return lookup.result(0).closest();
  }

  private void seed(Contact... contacts) {
    for (Contact contact : contacts) {
      lookup.seed(contact);
    }
  }

  @Test
  void next_enoughOfferIt_asksNobodyElse() {
    seed(plain(1), offering(4), offering(5), plain(2), offering(6), offering(7));
    assertThat(asks()).containsExactly(offering(4), offering(5));
    answer(offering(4));
    answer(offering(5));
    assertThat(asks()).containsExactly(offering(6));
    answer(offering(6));
    assertThat(found()).containsExactly(offering(4), offering(5), offering(6));
  }

  @Test
  void next_nobodyOffersIt_asksTheOthersForTheWay() {
    seed(plain(1), plain(2), plain(3));
    assertThat(asks()).containsExactly(plain(1), plain(2));
    answer(plain(2), offering(9));
    assertThat(asks()).as("who offers it comes before the others").containsExactly(offering(9));
  }

  @Test
  void next_everybodyAnsweredAndNobodyOffersIt_endsWithNobody() {
    seed(plain(1), plain(2));
    asks();
    answer(plain(1));
    answer(plain(2));
    assertThat(found()).isEmpty();
    assertThat(lookup.result(0).responses()).isEqualTo(2);
  }

  @Test
  void next_fewerOfferItThanAreSought_endsAfterSomeOthersWereHeard() {
    seed(IntStream.range(0, 30).mapToObj(i -> plain(100 + i)).toArray(Contact[]::new));
    seed(offering(1));
    int others = 0;
    for (List<Contact> asked = asks(); !asked.isEmpty(); asked = asks()) {
      for (Contact contact : asked) {
        others += contact.offers(SERVICE) ? 0 : 1;
        answer(contact, offering(1));
      }
    }
    assertThat(found()).containsExactly(offering(1));
    assertThat(others).isBetween(8, 9);
  }

  @Test
  void next_onlyOneOfTheLastOthersKnowsTheWay_isFound() {
    seed(IntStream.range(0, 20).mapToObj(i -> plain(100 + i)).toArray(Contact[]::new));
    for (List<Contact> asked = asks(); !asked.isEmpty(); asked = asks()) {
      for (Contact contact : asked) {
        answer(contact, contact.equals(plain(119)) ? new Contact[] {offering(7)} : new Contact[0]);
      }
    }
    assertThat(found()).containsExactly(offering(7));
  }

  @Test
  void next_otherForTheWayFails_asksTheNext() {
    seed(plain(1), plain(2), plain(3));
    asks();
    lookup.onFailure(plain(1));
    assertThat(asks()).containsExactly(plain(3));
  }

  @Test
  void next_otherIsSilentAndSomebodyWasFound_isNotWaitedFor() {
    seed(plain(1), offering(2));
    assertThat(asks()).containsExactly(offering(2), plain(1));
    answer(offering(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    lookup.onSlow(plain(1));
    assertThat(found()).containsExactly(offering(2));
  }

  @Test
  void next_otherIsSilentAndNobodyWasFound_isWaitedFor() {
    seed(plain(1));
    asks();
    lookup.onSlow(plain(1));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(plain(1), offering(2));
    assertThat(asks()).containsExactly(offering(2));
  }

  @Test
  void onResponse_otherThanWasSaid_ownWordCounts() {
    seed(offering(1), plain(2), node(3, OTHER));
    assertThat(asks()).containsExactly(offering(1), plain(2));
    answer(plain(1));
    answer(offering(2));
    assertThat(asks()).containsExactly(node(3, OTHER));
    answer(node(3, OTHER | SERVICE));
    assertThat(found()).containsExactly(offering(2), node(3, OTHER | SERVICE));
    assertThat(lookup.result(0).closest())
        .extracting(Contact::services)
        .containsExactly(SERVICE, OTHER | SERVICE);
  }

  @Test
  void onResponse_namesOneThatDoesNotOfferIt_isNotAsked() {
    seed(offering(5));
    asks();
    answer(offering(5), plain(1), node(2, OTHER), offering(3));
    assertThat(asks()).containsExactly(offering(3));
  }

  @Test
  void onProof_offersItNoLonger_isNotFound() {
    LookupDefences proving =
        new LookupDefences(false, 0, true, 9, 9, false, LookupDefences.Crowd.NEVER);
    IterativeLookup selective =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(3, 2, 1, 200), proving, 0)
            .offering(SERVICE);
    selective.seed(offering(1));
    assertThat(selective.next()).isInstanceOf(LookupStep.Ask.class);
    selective.onResponse(offering(1), new Contact[0], 0);
    assertThat(selective.next()).isInstanceOf(LookupStep.Prove.class);
    selective.onProof(plain(1), LookupStep.Proof.GOOD);
    assertThat(selective.next()).isEqualTo(LookupStep.DONE);
    assertThat(selective.result(0).closest()).isEmpty();
  }

  @Test
  void isAmongClosest_doesNotOfferIt_isNot() {
    seed(plain(1), offering(2));
    asks();
    assertThat(lookup.isAmongClosest(plain(1))).isFalse();
    assertThat(lookup.isAmongClosest(offering(2))).isTrue();
  }
}
