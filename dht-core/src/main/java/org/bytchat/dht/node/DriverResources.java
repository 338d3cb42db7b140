package org.bytchat.dht.node;

import org.apiguardian.api.API;
import org.bytchat.dht.codec.MessageCodec;
import org.bytchat.dht.engine.Workspace;

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
    return new DriverResources(codec, new Workspace(), new TransmitQueue());
  }
}
