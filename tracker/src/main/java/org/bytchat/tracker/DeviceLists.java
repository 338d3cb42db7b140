package org.bytchat.tracker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apiguardian.api.API;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;

/** Where a tracker reads users' device lists. */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface DeviceLists {

  /** A tracker without a network: nothing is found. */
  DeviceLists NONE = owner -> CompletableFuture.completedFuture(Optional.empty());

  /**
   * Reads a user's newest list. Does not block; a failure is as good as nothing.
   *
   * @param owner the user
   * @return the list, its signature not verified; or nothing
   */
  CompletionStage<Optional<DeviceList>> read(Owner owner);

  /**
   * Reads {@code User} records: the value of the record at the user's own place names the list, a
   * blob.
   *
   * @param node a node of the network
   * @return what reads them through that node
   */
  static DeviceLists of(DhtNode node) {
    return owner ->
        node.get(owner.uid().place())
            .thenCompose(
                found ->
                    found
                        .flatMap(signed -> BlobReference.parse(signed.value()))
                        .map(node::blob)
                        .orElseGet(() -> CompletableFuture.completedFuture(new byte[0])))
            .thenApply(bytes -> DeviceList.parse(bytes).toOptional());
  }
}
