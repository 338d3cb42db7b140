package org.bytchat.dht.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers were computed by other programs. */
class KeysTest {

  private static final byte[] UID =
      HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");

  @ParameterizedTest
  @CsvSource({
    "'', da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "abc, a9993e364706816aba3e25717850c26c9cd0d89d",
    "bytchat, 4d1c7195a4057ff78d0a54a7ffe9c36b72eb2de2",
  })
  void sha1_knownText_givesTheKnownAnswer(String text, String id) {
    assertThat(Keys.sha1(text.getBytes(StandardCharsets.UTF_8))).hasToString(id);
  }

  @Test
  void sha1_parts_areHashedAsOne() {
    byte[] a = {'a'};
    byte[] bc = {'b', 'c'};
    assertThat(Keys.sha1(a, bc)).hasToString("a9993e364706816aba3e25717850c26c9cd0d89d");
    assertThat(Keys.sha1()).hasToString("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  }

  @Test
  void of_labelAndUid_hashesLabelFirst() {
    assertThat(Keys.of("meta", UID)).hasToString("e3667f28e0f314190fd80723440d4939afb62126");
    assertThat(Keys.of("chat", UID)).isNotEqualTo(Keys.of("meta", UID));
  }

  @ParameterizedTest
  @CsvSource({"bytchat, 4d1c7195", "Überall, 314c7bca"})
  void networkId_name_isTheFirstFourBytes(String name, String id) {
    assertThat(HexFormat.of().toHexDigits(Keys.networkId(name))).isEqualTo(id);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, true", "255, 129, true", "128, 1, false", "129, 129, true", "1, 3, false"})
  void offers_mask_needsEveryBit(int services, int mask, boolean offered) {
    Contact contact = Contact.of(NodeId.ZERO, Endpoint.ofIpv4(1, 1), services);
    assertThat(contact.offers(mask)).isEqualTo(offered);
    assertThat(contact.services()).isEqualTo(services);
  }

  @Test
  void contact_equality_leavesServicesOut() {
    Endpoint endpoint = Endpoint.ofIpv4(1, 1);
    Contact contact = Contact.of(NodeId.ZERO, endpoint, 1);
    assertThat(contact).isEqualTo(Contact.of(NodeId.ZERO, endpoint, 2));
    assertThat(contact).hasSameHashCodeAs(Contact.of(NodeId.ZERO, endpoint, 2));
    assertThat(contact).isNotEqualTo(Contact.of(NodeId.of(0, 0, 1), endpoint, 1));
    assertThat(contact).isNotEqualTo(Contact.of(NodeId.ZERO, Endpoint.ofIpv4(1, 2), 1));
  }

  @ParameterizedTest
  @CsvSource({"-1", "256"})
  void contact_servicesOutOfRange_areRefused(int services) {
    assertThatThrownBy(() -> Contact.of(NodeId.ZERO, Endpoint.ofIpv4(1, 1), services))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(services));
  }
}
