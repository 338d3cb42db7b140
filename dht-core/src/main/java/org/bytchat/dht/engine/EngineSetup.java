package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;

/**
 * What an engine is made of.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if no family is given.
 *
 * @param identity the node's key
 * @param config the node's configuration
 * @param families the address families that the node has an endpoint in, at least one
 * @param entropy the node's random numbers
 * @param keepsState whether contacts and records are kept for the next life: whether {@link
 *     Effect.KeepContacts}, {@link Effect.AppendChanges} and {@link Effect.KeepRecords} are emitted
 */
@API(status = API.Status.EXPERIMENTAL)
public record EngineSetup(
    NodeIdentity identity,
    DhtConfig config,
    List<AddressFamily> families,
    Entropy.Streams entropy,
    boolean keepsState) {

  public EngineSetup {
    families = List.copyOf(families);
    if (families.isEmpty()) {
      throw new IllegalArgumentException("a node needs at least one address family");
    }
  }
}
