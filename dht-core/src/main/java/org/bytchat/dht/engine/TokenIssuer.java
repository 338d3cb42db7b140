package org.bytchat.dht.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * Tokens: a keyed MAC over the asker's endpoint, the own id and the place asked for: the key,
 * unless the query names another place. A ping has no key; its place is the asker's own id.
 *
 * <p>A token proves that its holder can receive at its endpoint. It is good here only, for that
 * place only, until the secret has been replaced twice. Nothing is stored for it.
 */
final class TokenIssuer {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final NodeId own;
  private final Entropy secrets;
  private final SipHash hash;

  private long current0;
  private long current1;
  private long previous0;
  private long previous1;

  TokenIssuer(NodeId own, Entropy secrets, SipHash hash) {
    this.hash = hash;
    this.own = own;
    this.secrets = secrets;
    rotate();
    rotate();
  }

  /** Replaces the secret; tokens made under the one before it are good no longer. */
  void rotate() {
    previous0 = current0;
    previous1 = current1;
    current0 = secrets.nextLong();
    current1 = secrets.nextLong();
  }

  /** Puts the token for an asker and the place of its query into an answer. */
  void issue(Endpoint asker, Packet query, Packet answer) {
    LONG.set(answer.token, 0, mac(current0, current1, asker, query));
    answer.tokenLength = WireLimits.TOKEN_BYTES;
  }

  /** Tells whether a query carries a token that was issued to its source for its place. */
  boolean isValid(Endpoint asker, Packet query) {
    boolean hasPlace = query.hasKey || query.method == Method.PING;
    if (query.tokenLength != WireLimits.TOKEN_BYTES || !hasPlace) {
      return false;
    }
    long token = (long) LONG.get(query.token, 0);
    // Both are computed, so that the time does not tell which secret made a token.
    boolean current = token == mac(current0, current1, asker, query);
    boolean previous = token == mac(previous0, previous1, asker, query);
    return current || previous;
  }

  private long mac(long key0, long key1, Endpoint asker, Packet query) {
    NodeId place = query.place;
    long high = place == null ? query.keyHigh : place.high();
    long middle = place == null ? query.keyMiddle : place.middle();
    int low = place == null ? query.keyLow : place.low();
    if (query.method == Method.PING) {
      // Whatever else it names has no effect.
      high = query.senderHigh;
      middle = query.senderMiddle;
      low = query.senderLow;
    }
    long family = asker.family() == AddressFamily.IPV4 ? 4 : 6;
    return hash.begin(key0, key1)
        .update(asker.addressHigh())
        .update(asker.addressLow())
        .update(family << 32 | asker.port())
        .update(own.high())
        .update(own.middle())
        .update((long) own.low() << 32 | low & 0xffff_ffffL)
        .update(high)
        .update(middle)
        .finish();
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return (int) current0;
  }
}
