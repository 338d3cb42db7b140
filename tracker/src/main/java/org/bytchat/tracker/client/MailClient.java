package org.bytchat.tracker.client;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Published;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.quorum.InboxEngine;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumChange;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.quorum.QuorumCounter;
import org.bytchat.tracker.quorum.QuorumEngine;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends envelopes to mailboxes and, for a device, receives those of its own: over a node of the
 * network, at a quorum of trackers, with a file that has what must not be lost in a crash.
 *
 * <p>Opened once, closed once. Safe for use by several threads, of which one may be the client's
 * own: no method waits for that one. What is called is done on the client's thread, soon and in
 * order; of calls that wait for it there may be {@link QuorumConfig.Driver#ordersMax}, further ones
 * fail at once with {@link MailException.Reason#BUSY}, and are counted in {@link #load}.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MailClient implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MailClient.class);

  private final MailStore store;
  private final SessionClient sessions;
  private final SessionPool pool;
  private final MailListener listener;
  private final OutboxEngine outbox;
  private final @Nullable InboxEngine inbox;
  private final Performer performer;
  private final MailLoop loop;

  /**
   * Of parcels offered in this life; as many as the outbox holds. Of the loop's thread, till
   * whoever closes the client takes what is left.
   */
  private final Map<Digest, Sending> sendings = new ConcurrentHashMap<>();

  private final Object releasing = new Object();
  private volatile boolean isClosing;

  /**
   * A device that receives.
   *
   * @param owner the user
   * @param device which device
   * @param list the newest device list that it knows; if the client was given a newer one before,
   *     with the same file, that one is used instead
   * @param keys the newest delivery keys that it knows, null for none
   * @param signer signs a statement with the device's key; called from several threads, of which
   *     one is the node's: it must not block
   */
  public record Account(
      Owner owner,
      DeviceId device,
      DeviceList list,
      @Nullable DeliveryKeys keys,
      UnaryOperator<byte[]> signer) {}

  /**
   * What a client is opened with.
   *
   * @param node a node of the network, which the client does not close
   * @param networkId the network
   * @param file where parcels, receipts and the digests of what was received are kept
   * @param account the device that receives, null only to send
   * @param deliverySigner has the delivery keys
   * @param listener hears of what comes
   * @param config numbers and limits
   * @param sessions limits of the sessions
   */
  public record Setup(
      DhtNode node,
      int networkId,
      Path file,
      @Nullable Account account,
      DeliverySigner deliverySigner,
      MailListener listener,
      QuorumConfig config,
      SessionConfig sessions) {

    /**
     * Returns a setup with the default limits.
     *
     * @param node see {@link Setup}
     * @param networkId see {@link Setup}
     * @param file see {@link Setup}
     * @param deliverySigner see {@link Setup}
     * @param listener see {@link Setup}
     * @return a setup that only sends
     */
    public static Setup of(
        DhtNode node,
        int networkId,
        Path file,
        DeliverySigner deliverySigner,
        MailListener listener) {
      return new Setup(
          node,
          networkId,
          file,
          null,
          deliverySigner,
          listener,
          QuorumConfig.defaults(),
          SessionConfig.defaults());
    }

    /**
     * Returns the same for a device that receives.
     *
     * @param receiving the device
     * @return a new setup
     */
    public Setup withAccount(Account receiving) {
      return new Setup(
          node, networkId, file, receiving, deliverySigner, listener, config, sessions);
    }

    /**
     * Returns the same with other numbers and limits.
     *
     * @param other the numbers
     * @return a new setup
     */
    public Setup withConfig(QuorumConfig other) {
      return new Setup(node, networkId, file, account, deliverySigner, listener, other, sessions);
    }

    SignatureScheme scheme() {
      return Ed25519Scheme.INSTANCE;
    }
  }

  /**
   * What a client has under way, and what it refused for its {@link QuorumConfig.Driver limits}.
   *
   * @param sessionCount sessions with trackers, open or being opened
   * @param sessionsRefusedCount requests that failed because all sessions were in use; they are
   *     tried again
   * @param ordersWaitingCount calls that wait for the client's thread
   * @param ordersRefusedCount calls that failed with {@link MailException.Reason#BUSY}
   */
  public record Load(
      int sessionCount,
      long sessionsRefusedCount,
      int ordersWaitingCount,
      long ordersRefusedCount) {}

  private MailClient(Setup setup, MailStore store) throws StoreException {
    this.store = store;
    this.listener = setup.listener;
    SecureRandom random = new SecureRandom();
    Entropy entropy = random::nextLong;
    this.outbox = new OutboxEngine(setup.config, setup.networkId, entropy);
    Account account = setup.account;
    this.inbox =
        account == null
            ? null
            : new InboxEngine(
                setup.config,
                setup.networkId,
                new InboxEngine.Self(
                    account.owner, account.device, newestList(account, store), account.keys),
                entropy);
    this.sessions = new SessionClient(setup.sessions, setup.networkId);
    QuorumConfig.Driver limits = setup.config.driver();
    this.pool = new SessionPool(sessions, setup.scheme(), SessionPool.Limits.of(limits));
    this.performer = new Performer(setup, pool, store);
    List<QuorumEngine> engines = new ArrayList<>(List.of(outbox));
    if (inbox != null) {
      engines.add(inbox);
    }
    this.loop =
        new MailLoop(pool, performer, List.copyOf(engines), limits.ordersMax(), new Events());
  }

  /**
   * Returns the list to use: nobody but the client may have kept the one that it was given last,
   * and with an older one it would bring back devices that were revoked. Of two that contradict
   * each other the first stays, as trackers keep it.
   */
  private static DeviceList newestList(Account account, MailStore store) throws StoreException {
    NodeId mailbox = account.owner.mailbox();
    DeviceList kept = store.ownList(mailbox);
    if (kept != null && kept.version() > account.list.version()) {
      LOG.info("Version {} of the device list, which was kept, is newer", kept.version());
      return kept;
    }
    if (kept != null && account.list.standing(kept).isContradiction()) {
      LOG.warn(
          "Version {} of the device list contradicts version {}, which was kept and is used",
          account.list.version(),
          kept.version());
      return kept;
    }
    if (kept == null || !kept.equals(account.list)) {
      store.commit(List.of(new QuorumChange.PutOwnList(mailbox, account.list)));
    }
    return account.list;
  }

  /** Takes the events, and ends what will have none any more. */
  private final class Events implements MailLoop.Events {

    @Override
    public void onEvents() {
      drainEvents();
    }

    @Override
    public void onEnd() {
      failSendings();
    }

    @Override
    public void onOver() {
      // Whoever closes on another thread may have given up waiting, or not have begun.
      if (isClosing) {
        release();
      }
    }
  }

  private void failSendings() {
    for (Digest digest : List.copyOf(sendings.keySet())) {
      Sending left = sendings.remove(digest);
      if (left != null) {
        left.fail(new MailException(MailException.Reason.CLOSED));
      }
    }
  }

  private void start() throws StoreException {
    var parcels = store.parcels();
    var listVersions = store.listVersions();
    var seen = store.seen();
    loop.start(
        () -> {
          long now = System.nanoTime();
          long wallMillis = System.currentTimeMillis();
          outbox.adjustClock(wallMillis, now);
          outbox.start(parcels, listVersions, now);
          if (inbox != null) {
            inbox.adjustClock(wallMillis, now);
            inbox.start(seen, now);
          }
        });
  }

  /**
   * Opens the file, and goes on with what is in it.
   *
   * @param setup what it is opened with
   * @return the client
   * @throws StoreException if the file cannot be used; the message names it
   */
  public static MailClient open(Setup setup) throws StoreException {
    MailStore store = MailStore.open(setup.file);
    MailClient client = null;
    boolean started = false;
    try {
      client = new MailClient(setup, store);
      client.start();
      started = true;
      return client;
    } finally {
      if (!started) {
        if (client == null) {
          store.close();
        } else {
          client.close();
        }
      }
    }
  }

  /**
   * Publishes a device list, so that trackers and contacts find it: as a blob, which the {@code
   * User} record at the user's own place names.
   *
   * @param node a node of the network
   * @param key the user's key
   * @param owner the user
   * @param list the list
   * @return as {@link DhtNode#publish}; published again and again until it is stopped
   */
  public static CompletableFuture<Published> publishDevices(
      DhtNode node, UserKey key, Owner owner, DeviceList list) {
    byte[] blob = list.toBytes();
    byte[] reference = Blob.cut(blob, 0).reference().toBytes();
    return node.publish(key, owner.uidVersion(), "", reference, blob);
  }

  /**
   * Sends a parcel.
   *
   * @param parcel the parcel
   * @return what becomes of it; the futures fail with {@link MailException} if it is not taken
   */
  public Sending send(Parcel parcel) {
    Sending sending = Sending.of(parcel.digest());
    order(
        () -> {
          OutboxEngine.Offer offer = outbox.offer(parcel, System.nanoTime());
          switch (offer) {
            case TAKEN -> sendings.put(parcel.digest(), sending);
            case DUPLICATE -> sending.fail(new MailException(MailException.Reason.DUPLICATE));
            case FULL -> sending.fail(new MailException(MailException.Reason.FULL));
            case EXPIRED -> sending.fail(new MailException(MailException.Reason.EXPIRED));
          }
        },
        sending::fail);
    return sending;
  }

  /**
   * Takes a parcel back; what trackers have, they keep.
   *
   * @param digest which
   * @return completes when no more is done for it; fails with {@link MailException} if the client
   *     is closed or busy
   */
  public CompletableFuture<Void> cancel(Digest digest) {
    return done(() -> outbox.cancel(digest, System.nanoTime()));
  }

  /**
   * Returns how the parcels stand, those of before a restart too.
   *
   * @return completes soon; fails with {@link MailException} if the client is closed or busy
   */
  public CompletableFuture<List<OutboxEngine.Standing>> standings() {
    return ask(outbox::standings);
  }

  /**
   * Returns the trackers at which the device is open; none for a client that only sends.
   *
   * @return as for {@link #standings}
   */
  public CompletableFuture<List<NodeId>> openTrackers() {
    InboxEngine receiving = inbox;
    return ask(() -> receiving == null ? List.of() : receiving.openTrackers());
  }

  /**
   * Returns what was counted, by sender and receiver together.
   *
   * @param counter which
   * @return as for {@link #standings}
   */
  public CompletableFuture<Long> count(QuorumCounter counter) {
    InboxEngine receiving = inbox;
    return ask(() -> outbox.count(counter) + (receiving == null ? 0 : receiving.count(counter)));
  }

  /**
   * Returns what is under way, also while the client is busy.
   *
   * @return a snapshot
   */
  public Load load() {
    return new Load(pool.size(), pool.refusedCount(), loop.orderCount(), loop.refusedCount());
  }

  /**
   * Has another device list, see {@link InboxEngine#setDeviceList}.
   *
   * @param list the list
   * @return as for {@link #cancel}, completes when it is taken; at once for a client that only
   *     sends
   */
  public CompletableFuture<Void> setDeviceList(DeviceList list) {
    return toInbox(receiving -> receiving.setDeviceList(list, System.nanoTime()));
  }

  /**
   * Has other delivery keys, see {@link InboxEngine#setDeliveryKeys}.
   *
   * @param keys the keys
   * @return as for {@link #setDeviceList}
   */
  public CompletableFuture<Void> setDeliveryKeys(DeliveryKeys keys) {
    return toInbox(receiving -> receiving.setDeliveryKeys(keys, System.nanoTime()));
  }

  /**
   * Fetches at once, in new sessions: for when the network has changed, or the device was asleep,
   * after which sessions may be dead that look alive.
   *
   * @return as for {@link #setDeviceList}, completes when it has begun
   */
  public CompletableFuture<Void> refresh() {
    // Before: what is under way in them has failed when the inbox begins anew.
    pool.closeOwners();
    return toInbox(receiving -> receiving.refresh(System.nanoTime()));
  }

  /**
   * Tells when the client has ended for a fault of its own: nothing is sent or received any more
   * then, and what waits fails. What remains is to {@link #close} it, and to open another.
   *
   * @return completes with the fault, on the client's thread; never if there is none
   */
  public CompletableFuture<Throwable> failure() {
    return loop.failure();
  }

  /** Something for the inbox to do. */
  @FunctionalInterface
  private interface InboxOrder {
    void give(InboxEngine receiving);
  }

  private CompletableFuture<Void> toInbox(InboxOrder order) {
    InboxEngine receiving = inbox;
    return receiving == null
        ? CompletableFuture.completedFuture(null)
        : done(() -> order.give(receiving));
  }

  private CompletableFuture<Void> done(Runnable order) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    order(
        () -> {
          order.run();
          done.complete(null);
        },
        done::completeExceptionally);
    return done;
  }

  private <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    order(() -> answer.complete(question.get()), answer::completeExceptionally);
    return answer;
  }

  /** Does something on the loop's thread, or tells why not. */
  private void order(Runnable order, Consumer<MailException> refusal) {
    loop.execute(
        new MailLoop.Order() {
          @Override
          public void run() {
            order.run();
          }

          @Override
          public void refuse(MailException.Reason reason) {
            refusal.accept(new MailException(reason));
          }
        });
  }

  private void drainEvents() {
    OutboxEvent event = outbox.pollEvent();
    while (event != null) {
      tell(event);
      event = outbox.pollEvent();
    }
    InboxEngine receiving = inbox;
    InboxEvent said = receiving == null ? null : receiving.pollEvent();
    while (receiving != null && said != null) {
      InboxEvent told = said;
      guard(() -> listener.onInbox(told));
      said = receiving.pollEvent();
    }
  }

  private void tell(OutboxEvent event) {
    Sending sending = sendings.get(event.digest());
    if (sending != null) {
      if (event instanceof OutboxEvent.Queued) {
        sending.queued().complete(null);
      } else if (event instanceof OutboxEvent.Deposited deposited) {
        sending.deposited().complete(deposited.receipts());
      } else if (event instanceof OutboxEvent.Delivered delivered) {
        // Whoever waits for the receipts has more than they could promise.
        sending.deposited().complete(delivered.receipts());
        sending.delivered().complete(delivered);
      } else if (event instanceof OutboxEvent.Ended ended) {
        sendings.remove(ended.digest());
        end(sending, ended.reason());
      }
    }
    guard(() -> listener.onOutbox(event));
  }

  /** A fault of the application must not end the client. */
  private static void guard(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("The listener failed", e);
    }
  }

  private static void end(Sending sending, OutboxEvent.Ended.Reason reason) {
    switch (reason) {
      case CANCELLED -> sending.fail(new MailException(MailException.Reason.CANCELLED));
      case NOT_KEPT -> sending.fail(new MailException(MailException.Reason.NOT_KEPT));
      case EXPIRED -> sending.fail(new MailException(MailException.Reason.EXPIRED));
      case DELIVERED -> {
        // All its futures have completed.
      }
    }
  }

  /**
   * Ends the sessions and the threads, and closes the file. What is queued goes on when it is
   * opened again; futures that have not completed fail with {@link MailException.Reason#CLOSED}.
   * What the application has accepted is noted first; what it is still thinking about comes again
   * when the client is opened again. Its signers are not called any more, but for a call that is
   * under way. May be called twice, and by several threads; an interrupt does not shorten it.
   *
   * <p>Takes as long as the listener's call that is under way, 4 seconds at most, and 2 more if the
   * disk is slow, besides a write that is under way. On the client's own thread, as in a listener,
   * it returns at once, and the client ends when the listener has returned, perhaps with more
   * events for it until then; but after {@link #failure} has completed, all has ended when it
   * returns.
   */
  @Override
  public void close() {
    isClosing = true;
    if (loop.close()) {
      release();
    }
  }

  /** Gives all back; the loop has ended, or hangs in the application. */
  private void release() {
    failSendings();
    synchronized (releasing) {
      performer.close();
      pool.close();
      sessions.close();
      store.close();
    }
  }
}
