package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * Against a model that remembers every token: good exactly for its endpoint, its key and its
 * issuer, until the secret was replaced twice.
 */
class TokenIssuerPropertyTest {

  private static final int ISSUERS = 2;
  private static final int CHOICES = 3;

  /** One thing that happens; the numbers choose issuer, endpoint and key, or a token and a bit. */
  private record Operation(Kind kind, int issuer, int endpoint, int key, int token) {

    enum Kind {
      ISSUE,
      ROTATE,
      CHECK,
      CHECK_DAMAGED
    }
  }

  private record Issued(byte[] token, int issuer, int endpoint, int key, int rotation) {}

  @SeededTest(runs = 40)
  void isValid_anyHistory_likeTheModel(long seed) {
    Random random = Seeds.random(seed);
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      operations.add(
          new Operation(
              Operation.Kind.values()[random.nextInt(4)],
              random.nextInt(ISSUERS),
              random.nextInt(CHOICES),
              random.nextInt(CHOICES),
              random.nextInt(1 << 20)));
    }
    Shrinker.check(operations, list -> run(seed, list));
  }

  private static void run(long seed, List<Operation> operations) {
    List<TokenIssuer> issuers = new ArrayList<>();
    for (int i = 0; i < ISSUERS; i++) {
      // The same secrets, so that only the own id tells them apart.
      NodeId own = TestContacts.randomId(Seeds.random(seed + i));
      issuers.add(new TokenIssuer(own, new XoshiroEntropy(seed, 0), new SipHash()));
    }
    int rotation = 0;
    List<Issued> tokens = new ArrayList<>();
    for (Operation operation : operations) {
      Packet query = query(operation.key);
      switch (operation.kind) {
        case ROTATE -> {
          issuers.forEach(TokenIssuer::rotate);
          rotation++;
        }
        case ISSUE -> {
          Packet answer = new Packet();
          issuers.get(operation.issuer).issue(endpoint(operation.endpoint), query, answer);
          int issuer = operation.issuer;
          tokens.add(
              new Issued(answer.token(), issuer, operation.endpoint, operation.key, rotation));
        }
        default -> {
          if (!tokens.isEmpty()) {
            check(issuers, operation, tokens.get(operation.token % tokens.size()), rotation);
          }
        }
      }
    }
  }

  private static void check(
      List<TokenIssuer> issuers, Operation operation, Issued issued, int rotation) {
    byte[] token = issued.token.clone();
    boolean damaged = operation.kind == Operation.Kind.CHECK_DAMAGED;
    if (damaged) {
      token[operation.token / 8 % token.length] ^= (byte) (1 << operation.token % 8);
    }
    Packet query = query(operation.key);
    query.token(token, 0, token.length);
    boolean expected =
        !damaged
            && issued.issuer == operation.issuer
            && issued.endpoint == operation.endpoint
            && issued.key == operation.key
            && rotation - issued.rotation <= 1;
    assertThat(issuers.get(operation.issuer).isValid(endpoint(operation.endpoint), query))
        .isEqualTo(expected);
  }

  private static Packet query(int key) {
    Packet query = new Packet();
    // Keys that differ in one word each.
    query.key(NodeId.of(key == 1 ? 1 : 0, key == 2 ? 1 : 0, 0));
    return query;
  }

  /** Endpoints that differ in their port or family only. */
  private static Endpoint endpoint(int number) {
    return number == 2
        ? Endpoint.ofIpv6(0, 0x01020304, 5000)
        : Endpoint.ofIpv4(0x01020304, 5000 + number);
  }

  @SeededTest(runs = 20)
  void isValid_ofAPing_isBoundToTheAskersIdAndNothingElse(long seed) {
    Random random = Seeds.random(seed);
    TokenIssuer issuer = new TokenIssuer(NodeId.ZERO, new XoshiroEntropy(seed, 0), new SipHash());
    NodeId asker = TestContacts.randomId(random);
    Packet answer = new Packet();
    Packet ping = new Packet();
    ping.method = Method.PING;
    ping.sender(asker);
    issuer.issue(endpoint(0), ping, answer);
    Packet findNode = query(0);
    findNode.method = Method.FIND_NODE;
    findNode.key(asker);
    findNode.token(answer.token(), 0, answer.tokenLength);
    assertThat(issuer.isValid(endpoint(0), findNode)).as("it is that of the own id").isTrue();
    ping.token(answer.token(), 0, answer.tokenLength);
    assertThat(issuer.isValid(endpoint(0), ping)).isTrue();
    ping.key(TestContacts.randomId(random));
    ping.place = TestContacts.randomId(random);
    assertThat(issuer.isValid(endpoint(0), ping)).as("a ping has no key and no place").isTrue();
    assertThat(issuer.isValid(endpoint(1), ping)).isFalse();
    for (int bit = 0; bit < NodeId.BITS; bit++) {
      byte[] other = asker.toBytes();
      other[bit / 8] ^= (byte) (1 << bit % 8);
      ping.sender(NodeId.read(other, 0));
      assertThat(issuer.isValid(endpoint(0), ping)).isFalse();
    }
  }

  @SeededTest(runs = 20)
  void isValid_lengthOrKeyMissing_isFalse(long seed) {
    TokenIssuer issuer = new TokenIssuer(NodeId.ZERO, new XoshiroEntropy(seed, 0), new SipHash());
    Packet query = query(0);
    Packet answer = new Packet();
    issuer.issue(endpoint(0), query, answer);
    byte[] token = answer.token();
    assertThat(token).hasSize(WireLimits.TOKEN_BYTES);
    for (int length = 1; length <= token.length; length++) {
      query.token(token, 0, length);
      assertThat(issuer.isValid(endpoint(0), query)).isEqualTo(length == token.length);
    }
    query.hasKey = false;
    assertThat(issuer.isValid(endpoint(0), query)).isFalse();
    query.clear();
    query.key(NodeId.ZERO);
    assertThat(issuer.isValid(endpoint(0), query)).as("no token").isFalse();
  }
}
