package org.bytchat.tracker.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Method;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;

/**
 * Binds devices at trackers, and finds them there, over UDP. Each takes two requests: one for a
 * nonce, and one signed with it, in which the tracker's own clock is named, so that a wrong clock
 * here does no harm. Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Bindings {

  private final DhtNode node;
  private final int networkId;
  private final NodeId mailbox;

  /** Makes a query of what the tracker gave for it. */
  @FunctionalInterface
  private interface QueryMaker {
    BindingQuery make(DeviceStatements.Scene scene, BindingAnswer.Nonce nonce);
  }

  /**
   * Begins to bind or find.
   *
   * @param node what sends
   * @param networkId the network
   * @param mailbox the place of the user whose devices they are
   */
  public Bindings(DhtNode node, int networkId, NodeId mailbox) {
    this.node = node;
    this.networkId = networkId;
    this.mailbox = mailbox;
  }

  /**
   * Binds a device to where a tracker sees it, for half an hour.
   *
   * @param tracker the tracker
   * @param device the device
   * @param listVersion the newest version of the device list that is known here
   * @param signer signs a statement with the device's key; called on the node's thread, which it
   *     must not block
   * @return {@link BindingAnswer.Bound} or {@link BindingAnswer.Refused}; fails as {@link
   *     DhtNode#request} does, or with {@link TrackerException} if the answer is neither
   */
  public CompletableFuture<BindingAnswer> bind(
      Contact tracker, DeviceId device, long listVersion, UnaryOperator<byte[]> signer) {
    return ask(
        tracker,
        Method.BIND,
        (scene, nonce) -> {
          DeviceStatements.Asker asker = asker(device.toBytes(), nonce);
          byte[] statement = DeviceStatements.bind(scene, asker, listVersion);
          return new BindingQuery.Bind(device, listVersion, shown(nonce, statement, signer));
        });
  }

  /**
   * Finds the user's bound devices, as one of them.
   *
   * @param tracker the tracker
   * @param device the device that asks
   * @param signer signs a statement with its key; see {@link #bind}
   * @return {@link BindingAnswer.Devices} or {@link BindingAnswer.Refused}; fails as for {@link
   *     #bind}
   */
  public CompletableFuture<BindingAnswer> find(
      Contact tracker, DeviceId device, UnaryOperator<byte[]> signer) {
    return ask(
        tracker,
        Method.FIND,
        (scene, nonce) -> {
          byte[] statement = DeviceStatements.find(scene, asker(device.toBytes(), nonce));
          return new BindingQuery.FindAsDevice(device, shown(nonce, statement, signer));
        });
  }

  /**
   * Finds the user's bound devices, as a contact.
   *
   * @param tracker the tracker
   * @param deliveryKey the key that the user gave the contact, 32 bytes
   * @param signer signs a statement with that key; see {@link #bind}
   * @return as for {@link #find}
   */
  public CompletableFuture<BindingAnswer> findAsContact(
      Contact tracker, byte[] deliveryKey, UnaryOperator<byte[]> signer) {
    return ask(
        tracker,
        Method.FIND,
        (scene, nonce) -> {
          byte[] statement = DeviceStatements.find(scene, asker(deliveryKey, nonce));
          return new BindingQuery.FindAsContact(deliveryKey, shown(nonce, statement, signer));
        });
  }

  private static DeviceStatements.Asker asker(byte[] subject, BindingAnswer.Nonce nonce) {
    return new DeviceStatements.Asker(subject, nonce.nonce(), nonce.observed(), nonce.nowMillis());
  }

  private static BindingQuery.Shown shown(
      BindingAnswer.Nonce nonce, byte[] statement, UnaryOperator<byte[]> signer) {
    return new BindingQuery.Shown(nonce.nowMillis(), nonce.nonce(), signer.apply(statement));
  }

  private CompletableFuture<BindingAnswer> ask(Contact tracker, Method method, QueryMaker maker) {
    byte[] first = new BindingQuery.AskNonce().toBytes();
    return node.request(tracker, method, mailbox, first)
        .thenCompose(
            payload -> {
              BindingAnswer answer = read(tracker, payload);
              if (!(answer instanceof BindingAnswer.Nonce nonce)) {
                return CompletableFuture.completedFuture(answer);
              }
              DeviceStatements.Scene scene =
                  new DeviceStatements.Scene(networkId, tracker.id(), mailbox);
              return node.request(tracker, method, mailbox, maker.make(scene, nonce).toBytes())
                  .thenApply(second -> read(tracker, second));
            });
  }

  private static BindingAnswer read(Contact tracker, byte[] payload) {
    return BindingAnswer.parse(payload)
        .toOptional()
        .orElseThrow(
            () ->
                new CompletionException(
                    new TrackerException(
                        TrackerException.Kind.UNEXPECTED,
                        tracker.id(),
                        "what it answered is no answer")));
  }
}
