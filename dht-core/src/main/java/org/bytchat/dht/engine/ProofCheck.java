package org.bytchat.dht.engine;

import java.util.Arrays;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.lookup.LookupStep.Proof;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Tells whether the answer to a challenge proves that a contact holds the key of its id. */
final class ProofCheck {

  private ProofCheck() {}

  /** Is told what an answer proves. */
  interface Handler {

    void onChecked(Proof proof, long nowNanos);
  }

  /** Checks an answer; the handler may be called at once. */
  static void begin(Parts parts, Request request, Contact contact, Packet packet, Handler handler) {
    Core core = parts.core;
    if (packet.kind == Kind.ERROR) {
      handler.onChecked(Proof.NONE, parts.nowNanos);
      return;
    }
    Endpoint observed = packet.observed;
    if (observed != null && !core.isOwnEndpoint(observed)) {
      // A relayed proof, or this node sends from more than one address: no proof, and no lie.
      core.count(Counter.PROOFS_FAILED);
      handler.onChecked(Proof.NONE, parts.nowNanos);
      return;
    }
    if (!packet.hasProof
        || observed == null
        || !NodeIdentity.idOf(packet.publicKey).equals(contact.id())
        || !NodeIdentity.solves(packet.publicKey, core.config.defences().puzzleBits())) {
      fail(core, handler, parts.nowNanos);
      return;
    }
    byte[] challenge = new byte[WireLimits.CHALLENGE_BYTES];
    parts.requests.challenge(request, challenge);
    byte[] statement =
        SignedBytes.proof(core.networkId, contact.id(), challenge, core.identity.id(), observed);
    byte[] publicKey = packet.publicKey.clone();
    byte[] signature = Arrays.copyOf(packet.signature, packet.signature.length);
    boolean started =
        core.perform(
            id -> new Effect.Verify(id, publicKey, statement, signature),
            (result, now) -> {
              if (!(result instanceof Effect.Verified verified)) {
                handler.onChecked(Proof.NONE, now);
              } else if (verified.good()) {
                core.count(Counter.PROOFS_VERIFIED);
                handler.onChecked(Proof.GOOD, now);
              } else {
                fail(core, handler, now);
              }
            });
    if (!started) {
      handler.onChecked(Proof.NONE, parts.nowNanos);
    }
  }

  private static void fail(Core core, Handler handler, long nowNanos) {
    core.count(Counter.PROOFS_FAILED);
    handler.onChecked(Proof.BAD, nowNanos);
  }

  /** What a check needs of the engine, and when it is. */
  record Parts(Core core, Requests requests, long nowNanos) {}
}
