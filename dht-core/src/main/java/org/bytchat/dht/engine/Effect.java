package org.bytchat.dht.engine;

import java.util.List;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.WireLimits;

/**
 * Something that takes long or touches the world. The driver performs it, on any thread, and gives
 * the result to {@link NodeEngine#handleEffect} with the effect's id.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Effect {

  /**
   * Returns what names the effect.
   *
   * @return unique within the node's life
   */
  long id();

  /**
   * Sign the own id for somebody.
   *
   * @param id names the effect
   * @param statement the bytes to sign
   */
  record Sign(long id, byte[] statement) implements Effect {

    /**
     * Performs the effect.
     *
     * @param identity the node's key
     * @return the signature
     */
    public Result perform(NodeIdentity identity) {
      return new Signed(identity.sign(statement));
    }
  }

  /**
   * Verify somebody's proof of id.
   *
   * @param id names the effect
   * @param publicKey the key, whose id was compared already
   * @param statement the bytes that must have been signed
   * @param signature the signature
   */
  record Verify(long id, byte[] publicKey, byte[] statement, byte[] signature) implements Effect {

    /**
     * Performs the effect.
     *
     * @param scheme the algorithm
     * @return whether the signature is good
     */
    public Result perform(SignatureScheme scheme) {
      return new Verified(scheme.verify(publicKey, statement, signature));
    }
  }

  /**
   * Find the endpoints of the configured bootstrap hosts.
   *
   * @param id names the effect
   */
  record ResolveBootstrap(long id) implements Effect {}

  /**
   * Keep the contacts for the node's next life.
   *
   * @param id names the effect
   * @param contacts the contacts of all tables
   */
  record KeepContacts(long id, List<Contact> contacts) implements Effect {

    public KeepContacts {
      contacts = List.copyOf(contacts);
    }
  }

  /**
   * Verify the signature of a record; the key that it carries is read here too.
   *
   * @param id names the effect
   * @param signed the record
   * @param networkId the network that it was signed for
   */
  record VerifyRecord(long id, MutableRecord signed, int networkId) implements Effect {

    /**
     * Performs the effect.
     *
     * @param ed25519 what verifies Ed25519
     * @return whether the key is one that is allowed, and the signature good
     */
    public Result perform(SignatureScheme ed25519) {
      try {
        UserPublicKey key = UserPublicKey.parse(signed.publicKey(), ed25519);
        return new Verified(key.verify(signed.statement(networkId), signed.signature()));
      } catch (IllegalArgumentException e) {
        return new Verified(false);
      }
    }
  }

  /**
   * Sign a record with a user's key.
   *
   * @param id names the effect
   * @param draft what to sign
   * @param networkId the network that it is for
   * @param signer has the key
   */
  record SignRecord(long id, MutableRecord.Draft draft, int networkId, Publication.Signer signer)
      implements Effect {

    /**
     * Performs the effect.
     *
     * @return the signature
     */
    public Result perform() {
      return new Signed(signer.sign(draft.statement(networkId)));
    }
  }

  /**
   * Write what changed in the store behind what was written before.
   *
   * @param id names the effect
   * @param changes what changed, in order, to be kept as a whole or not at all
   */
  record AppendChanges(long id, List<StoreChange> changes) implements Effect {

    public AppendChanges {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Write the whole store, in the place of all that was written before.
   *
   * @param id names the effect
   * @param snapshot gives the changes that make the store of an empty one; to be asked where it may
   *     take long
   */
  record KeepRecords(long id, Supplier<List<StoreChange>> snapshot) implements Effect {}

  /**
   * Have a service answer a query. It may be asked the same again: answers get lost.
   *
   * @param id names the effect
   * @param method {@link Method#BIND} or {@link Method#FIND}
   * @param key the place
   * @param sender the id that the asker says it has, which nothing proves
   * @param from where the asker is, which its token proves
   * @param payload what it says, up to {@link WireLimits#RECORD_BYTES_MAX} bytes; not to be changed
   */
  record Serve(long id, Method method, NodeId key, NodeId sender, Endpoint from, byte[] payload)
      implements Effect {}

  /** What came of an effect. */
  sealed interface Result {}

  /**
   * What a service answers to {@link Serve}.
   *
   * @param payload up to {@link WireLimits#RECORD_BYTES_MAX} bytes
   */
  record Served(byte[] payload) implements Result {}

  /**
   * A service refuses a {@link Serve}.
   *
   * @param code see {@link ErrorCode}, 0 to 65535
   * @param text for people, of up to {@link WireLimits#ERROR_TEXT_BYTES_MAX} ASCII characters
   */
  record Refused(int code, String text) implements Result {}

  /**
   * What came of {@link Sign} and {@link SignRecord}.
   *
   * @param signature 64 bytes, or those of an RSA key
   */
  record Signed(byte[] signature) implements Result {}

  /**
   * What came of {@link Verify} and {@link VerifyRecord}.
   *
   * @param good whether the signature is good
   */
  record Verified(boolean good) implements Result {}

  /**
   * What came of {@link ResolveBootstrap}.
   *
   * @param endpoints what was found, empty if nothing could be resolved
   */
  record Resolved(List<Endpoint> endpoints) implements Result {

    public Resolved {
      endpoints = List.copyOf(endpoints);
    }
  }

  /** It is kept: {@link KeepContacts}, {@link AppendChanges}, {@link KeepRecords}. */
  record Kept() implements Result {}

  /** The driver could not perform the effect. */
  record Failed() implements Result {}
}
