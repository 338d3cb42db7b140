package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;

class SignedBytesTest {

  private static final NodeId TARGET = NodeId.parse("000102030405060708090a0b0c0d0e0f10111213");
  private static final byte[] VALUE = {1, 2, 3};

  /** Section 4 of the design, field by field. */
  @Test
  void of_anyFrame_hasEveryFieldInItsPlace() throws IOException, GeneralSecurityException {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(expected);
    out.write("bytchat/1/record".getBytes(StandardCharsets.US_ASCII));
    out.writeByte(0);
    out.writeInt(0xcafebabe);
    out.write(TARGET.toBytes());
    out.writeLong(7);
    out.writeLong(1_700_000_000_000L);
    out.writeLong(-1);
    out.write(MessageDigest.getInstance("SHA-256").digest(VALUE));
    SignedBytes.Frame frame = new SignedBytes.Frame(0xcafebabe, TARGET, 7, 1_700_000_000_000L, -1);
    assertThat(SignedBytes.of("record", frame, VALUE)).isEqualTo(expected.toByteArray());
  }

  @Test
  void of_anyFieldChanged_isAnotherStatement() {
    List<byte[]> statements =
        List.of(
            of("a", frame(1, TARGET, 1, 1, 1), VALUE),
            of("b", frame(1, TARGET, 1, 1, 1), VALUE),
            of("a", frame(2, TARGET, 1, 1, 1), VALUE),
            of("a", frame(1, NodeId.ZERO, 1, 1, 1), VALUE),
            of("a", frame(1, TARGET, 2, 1, 1), VALUE),
            of("a", frame(1, TARGET, 1, 2, 1), VALUE),
            of("a", frame(1, TARGET, 1, 1, 2), VALUE),
            of("a", frame(1, TARGET, 1, 1, 1), new byte[] {1, 2}),
            of("a", frame(1, TARGET, 1, 1, 1), new byte[0]));
    assertDistinct(statements);
  }

  private static byte[] of(String purpose, SignedBytes.Frame frame, byte[] value) {
    return SignedBytes.of(purpose, frame, value);
  }

  private static SignedBytes.Frame frame(int network, NodeId target, long seq, long from, long to) {
    return new SignedBytes.Frame(network, target, seq, from, to);
  }

  private static void assertDistinct(List<byte[]> statements) {
    Set<String> distinct = new LinkedHashSet<>();
    for (byte[] statement : statements) {
      distinct.add(new String(statement, StandardCharsets.ISO_8859_1));
    }
    assertThat(distinct).hasSameSizeAs(statements);
  }

  @SeededTest(runs = 10)
  void proof_anything_bindsChallengeBothIdsNetworkAndTheAskersEndpoint(long seed)
      throws IOException {
    NodeId prover = TestContacts.randomId(Seeds.random(seed));
    NodeId asker = TestContacts.randomId(Seeds.random(seed + 1));
    byte[] challenge = new byte[16];
    Seeds.random(seed).nextBytes(challenge);
    byte[] otherChallenge = challenge.clone();
    otherChallenge[15] ^= 1;
    Endpoint endpoint = Endpoint.ofIpv4(0x01020304, 5000);
    Endpoint mapped = Endpoint.ofIpv6(0, 0x01020304, 5000);
    assertDistinct(
        List.of(
            SignedBytes.proof(1, prover, challenge, asker, endpoint),
            SignedBytes.proof(2, prover, challenge, asker, endpoint),
            SignedBytes.proof(1, asker, challenge, prover, endpoint),
            SignedBytes.proof(1, asker, challenge, asker, endpoint),
            SignedBytes.proof(1, prover, otherChallenge, asker, endpoint),
            SignedBytes.proof(1, prover, challenge, asker, Endpoint.ofIpv4(0x01020304, 5001)),
            SignedBytes.proof(1, prover, challenge, asker, mapped)));
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.write(challenge);
    value.write(asker.toBytes());
    value.write(new byte[] {1, 2, 3, 4, (byte) (5000 >>> 8), (byte) 5000});
    assertThat(SignedBytes.proof(1, prover, challenge, asker, endpoint))
        .isEqualTo(of("prove", frame(1, prover, 0, 0, 0), value.toByteArray()));
  }
}
