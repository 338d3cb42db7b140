package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;

/** Two results become one as if all nodes were in one network. */
class LookupMergeTest {

  private static final NodeId TARGET = id(0);

  @Test
  void merge_always_interleavesByDistanceUpToTheLimit() {
    LookupResult merged = LookupMerge.merge(result(1, 4, 6), result(2, 3, 5), 4);
    assertThat(merged.closest())
        .extracting(Contact::id)
        .containsExactly(id(1), id(2), id(3), id(4));
    assertThat(merged.target()).isEqualTo(TARGET);
  }

  @Test
  void merge_nodeInBothFamilies_countsOnceWithTheFirstEndpoint() {
    Contact overIpv4 = TestContacts.contact(id(1), TestContacts.endpoint(1));
    Contact overIpv6 = TestContacts.contact(id(1), Endpoint.ofIpv6(1L << 61, 1, 4000));
    LookupResult merged = LookupMerge.merge(of(List.of(overIpv4), 1), of(List.of(overIpv6), 1), 20);
    assertThat(merged.closest()).containsExactly(overIpv4);
  }

  @Test
  void merge_oneEmpty_isTheOther() {
    assertThat(LookupMerge.merge(result(), result(1), 20).closest()).hasSize(1);
    assertThat(LookupMerge.merge(result(1), result(), 20).closest()).hasSize(1);
    assertThat(LookupMerge.merge(result(), result(), 20).closest()).isEmpty();
  }

  @Test
  void merge_figures_areSumsAndTheLonger() {
    LookupResult a =
        new LookupResult(TARGET, List.of(), 2, 5, 10, 7, 3, false, Duration.ofSeconds(1));
    LookupResult b =
        new LookupResult(TARGET, List.of(), 3, 4, 20, 18, 2, false, Duration.ofSeconds(2));
    assertThat(LookupMerge.merge(a, b, 20))
        .isEqualTo(
            new LookupResult(TARGET, List.of(), 3, 5, 30, 25, 5, false, Duration.ofSeconds(2)))
        .isEqualTo(LookupMerge.merge(b, a, 20));
  }

  private static LookupResult result(int... numbers) {
    return of(
        Arrays.stream(numbers)
            .mapToObj(number -> TestContacts.contact(id(number), TestContacts.endpoint(number)))
            .toList(),
        numbers.length);
  }

  private static LookupResult of(List<Contact> closest, int asked) {
    return new LookupResult(TARGET, closest, 1, 1, asked, asked, 0, false, Duration.ofMillis(1));
  }

  private static NodeId id(int number) {
    return NodeId.of(0, 0, number);
  }
}
