package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;

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

  /** What came of an effect. */
  sealed interface Result {}

  /**
   * What came of {@link Sign}.
   *
   * @param signature 64 bytes
   */
  record Signed(byte[] signature) implements Result {}

  /**
   * What came of {@link Verify}.
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

  /** What came of {@link KeepContacts}. */
  record Kept() implements Result {}

  /** The driver could not perform the effect. */
  record Failed() implements Result {}
}
