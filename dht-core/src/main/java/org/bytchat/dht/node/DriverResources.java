package org.bytchat.dht.node;

import org.apiguardian.api.API;
import org.bytchat.dht.codec.MessageCodec;
import org.bytchat.dht.engine.Workspace;
import org.bytchat.dht.keyspace.ContactInterner;

/**
 * What all nodes driven by one thread share, because none needs it between two calls.
 *
 * @param codec the dialect
 * @param workspace scratch memory
 * @param transmits datagrams to send
 */
@API(status = API.Status.EXPERIMENTAL)
public record DriverResources(MessageCodec codec, Workspace workspace, TransmitQueue transmits) {

  /**
   * Makes the resources of a driver.
   *
   * @param codec the dialect
   * @return new resources
   */
  public static DriverResources of(MessageCodec codec) {
    return of(codec, ContactInterner.NONE);
  }

  /**
   * Makes the resources of a driver whose nodes share contacts.
   *
   * @param codec the dialect, with an interner of its own for the contacts that it reads
   * @param interner gives the instance to keep of each contact that an engine makes
   * @return new resources
   */
  public static DriverResources of(MessageCodec codec, ContactInterner interner) {
    return new DriverResources(codec, new Workspace(interner), new TransmitQueue());
  }

  /**
   * Returns the same resources for nodes of another dialect.
   *
   * @param other the dialect
   * @return resources that share all but the codec with these
   */
  public DriverResources withCodec(MessageCodec other) {
    return new DriverResources(other, workspace, transmits);
  }
}
