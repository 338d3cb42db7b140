package org.bytchat.tracker.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.bytchat.tracker.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs the effects of a client's engines, with its node, sessions, keys, file and application.
 * Safe for use by several threads; envelopes are handed to the application on the caller's.
 */
final class Performer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Performer.class);

  /** How long a slow disk is waited for at the end. */
  private static final Duration STOP = Duration.ofSeconds(2);

  private final MailClient.Setup setup;
  private final QuorumConfig.Driver limits;
  private final SessionPool pool;
  private final MailStore store;
  private final ExecutorService keeper = pool("bytchat-mail-store", 1);
  private final ExecutorService signers = pool("bytchat-mail-signer", 1);
  private final ExecutorService stampers;
  private volatile boolean isStopped;

  Performer(MailClient.Setup setup, SessionPool pool, MailStore store) {
    this.setup = setup;
    this.limits = setup.config().driver();
    this.pool = pool;
    this.store = store;
    this.stampers = pool("bytchat-mail-stamps", setup.config().outbox().stampsMax());
  }

  private static ExecutorService pool(String name, int threads) {
    return Executors.newFixedThreadPool(
        threads, new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
  }

  /** Performs an effect; what cannot be performed fails. */
  CompletionStage<? extends QuorumEffect.Result> perform(QuorumEffect effect) {
    try {
      return begin(effect);
    } catch (RuntimeException e) {
      // A node that is closed throws; the client may outlive it for a moment.
      LOG.debug("An effect failed at once", e);
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<? extends QuorumEffect.Result> begin(QuorumEffect effect) {
    if (effect instanceof QuorumEffect.FindTrackers find) {
      return find(find);
    } else if (effect instanceof QuorumEffect.Ask ask) {
      return ask(ask);
    } else if (effect instanceof QuorumEffect.Open open) {
      return open(open);
    } else if (effect instanceof QuorumEffect.Bind bind) {
      return bind(bind);
    } else if (effect instanceof QuorumEffect.Deliver deliver) {
      return deliver(deliver.envelope());
    } else if (effect instanceof QuorumEffect.Compute compute) {
      return sign(signers, () -> compute.perform(setup.scheme()));
    } else if (effect instanceof QuorumEffect.SignAcks acks) {
      return sign(signers, () -> sign(acks));
    } else if (effect instanceof QuorumEffect.Admit admit) {
      return sign(admit.deliveryKey() == null ? stampers : signers, () -> admit(admit));
    } else if (effect instanceof QuorumEffect.Keep keep) {
      return run(keeper, () -> keep(keep));
    }
    throw new AssertionError("an effect that is not known: " + effect.getClass());
  }

  /** Has no key used any more, and no stamp looked for; what is to be kept still is. */
  void stop() {
    isStopped = true;
    stampers.shutdownNow();
    signers.shutdown();
  }

  /** Ends the threads, when what was to be kept is on disk; waits for a slow one for a moment. */
  @Override
  public void close() {
    stop();
    keeper.shutdown();
    if (!Uninterruptibles.awaitTerminationUninterruptibly(keeper, STOP)) {
      LOG.warn("The disk is slow: what was being written may not be kept");
    }
  }

  /** As {@link #run}, unless it is too late: the application's signers are not called then. */
  private CompletableFuture<QuorumEffect.Result> sign(ExecutorService executor, Job job) {
    return run(
        executor, () -> isStopped ? new QuorumEffect.Failed("the client is closing") : job.run());
  }

  private static CompletableFuture<QuorumEffect.Result> run(ExecutorService executor, Job job) {
    CompletableFuture<QuorumEffect.Result> done = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              done.complete(job.run());
            } catch (Throwable e) {
              // Whatever it is: an effect that nobody answers would hold its place for ever.
              LOG.error("An effect failed for a fault of its own", e);
              done.complete(new QuorumEffect.Failed("a fault"));
            }
          });
    } catch (RejectedExecutionException e) {
      done.complete(new QuorumEffect.Failed("the client is closing"));
    }
    return done;
  }

  /** Makes a result. */
  @FunctionalInterface
  private interface Job {
    QuorumEffect.Result run();
  }

  private CompletionStage<QuorumEffect.Result> find(QuorumEffect.FindTrackers find) {
    return setup
        .node()
        .lookup(find.mailbox(), Services.TRACKER)
        .handle(
            (found, failure) -> {
              List<Contact> closest =
                  failure == null ? new ArrayList<>(found.closest()) : new ArrayList<>();
              closest.sort(
                  Comparator.comparing(contact -> find.mailbox().distanceTo(contact.id())));
              Map<String, Contact> once = new LinkedHashMap<>();
              closest.forEach(contact -> once.putIfAbsent(contact.id().toString(), contact));
              return new QuorumEffect.Trackers(once.values().stream().limit(find.count()).toList());
            });
  }

  // Sessions

  private CompletionStage<QuorumEffect.Result> ask(QuorumEffect.Ask ask) {
    Request request = ask.request();
    SessionPool.Key key = key(ask);
    if (request instanceof Request.Fetch fetch) {
      return pool.use(
          ask.tracker(), key, fetch.waitMillis(), connection -> fetch(connection, fetch));
    }
    return pool.use(
        ask.tracker(),
        key,
        0,
        connection -> connection.request(request).thenApply(QuorumEffect.Answered::new));
  }

  /** Deposits and their proofs are asked for by nobody in particular. */
  private SessionPool.Key key(QuorumEffect.Ask ask) {
    Request request = ask.request();
    if (request instanceof Request.Deposit deposit) {
      return new SessionPool.Key(ask.tracker().id(), deposit.envelope().mailbox(), false);
    } else if (request instanceof Request.Prove prove) {
      return new SessionPool.Key(ask.tracker().id(), prove.mailbox(), false);
    }
    return new SessionPool.Key(ask.tracker().id(), account().owner().mailbox(), true);
  }

  private MailClient.Account account() {
    MailClient.Account account = setup.account();
    if (account == null) {
      throw new AssertionError("only an inbox asks so");
    }
    return account;
  }

  private static CompletableFuture<QuorumEffect.Result> fetch(
      TrackerConnection connection, Request.Fetch fetch) {
    return connection
        .fetch(fetch)
        .handle(
            (page, failure) -> {
              if (failure == null) {
                return new QuorumEffect.Page(page.envelopes(), page.end());
              }
              Throwable cause = failure.getCause() == null ? failure : failure.getCause();
              if (cause instanceof TrackerException known && known.answer() != null) {
                return new QuorumEffect.Answered(known.answer());
              }
              throw cause instanceof RuntimeException known
                  ? known
                  : new IllegalStateException(cause);
            });
  }

  private CompletionStage<QuorumEffect.Result> open(QuorumEffect.Open open) {
    SessionPool.Key key = new SessionPool.Key(open.tracker().id(), open.owner().mailbox(), true);
    return pool.use(
        open.tracker(),
        key,
        0,
        connection -> {
          DeviceStatements.Scene scene =
              new DeviceStatements.Scene(
                  setup.networkId(), open.tracker().id(), open.owner().mailbox());
          byte[] statement =
              DeviceStatements.session(
                  scene, open.device(), open.listVersion(), connection.handshakeHash());
          // Not on the session's thread: the application's signer may take its time.
          UnaryOperator<byte[]> signer = account().signer();
          CompletableFuture<byte[]> signed =
              CompletableFuture.supplyAsync(() -> sign(signer, statement), signers);
          CompletableFuture<Response> answer =
              signed.thenCompose(signature -> connection.request(request(open, signature)));
          return answer.thenApply(QuorumEffect.Answered::new);
        });
  }

  private byte[] sign(UnaryOperator<byte[]> signer, byte[] statement) {
    if (isStopped) {
      throw new RejectedExecutionException("the client is closing");
    }
    return signer.apply(statement);
  }

  private static Request request(QuorumEffect.Open open, byte[] signature) {
    return new Request.Open(
        open.owner(), open.list(), open.device(), open.listVersion(), signature);
  }

  private CompletionStage<QuorumEffect.Result> bind(QuorumEffect.Bind bind) {
    return new Bindings(setup.node(), setup.networkId(), bind.mailbox())
        .bind(bind.tracker(), bind.device(), bind.listVersion(), account().signer())
        .thenApply(QuorumEffect.BindAnswered::new);
  }

  // What needs a key, the disk or the application

  private QuorumEffect.Result sign(QuorumEffect.SignAcks acks) {
    return new QuorumEffect.Signed(
        AckBatch.sign(
            acks.mailbox(), acks.device(), acks.digests(), setup.networkId(), account().signer()));
  }

  private QuorumEffect.Result admit(QuorumEffect.Admit admit) {
    byte[] key = admit.deliveryKey();
    Envelope envelope = admit.envelope();
    if (key == null) {
      // The threads of stamps are interrupted when the client is closed.
      Optional<Admission.ByStamp> stamp =
          Admission.ByStamp.find(
              envelope,
              admit.tracker().id(),
              admit.stampBits(),
              () -> Thread.currentThread().isInterrupted());
      return stamp.isPresent()
          ? new QuorumEffect.Admitted(stamp.get())
          : new QuorumEffect.Failed("the client is closing");
    }
    byte[] statement = Admission.ByKey.statement(envelope, admit.tracker().id(), setup.networkId());
    byte[] signature = setup.deliverySigner().sign(key, statement);
    return signature == null
        ? new QuorumEffect.Failed("the delivery key is not at hand")
        : new QuorumEffect.Admitted(new Admission.ByKey(key, signature));
  }

  private QuorumEffect.Result keep(QuorumEffect.Keep keep) {
    try {
      store.commit(keep.changes());
      return new QuorumEffect.Kept();
    } catch (StoreException e) {
      LOG.warn("What the mail client has to keep could not be written: {}", e.getMessage());
      return new QuorumEffect.Failed(String.valueOf(e.getMessage()));
    }
  }

  /** Another future than the application's, which is not ours to complete. */
  private CompletableFuture<Boolean> answer(Envelope envelope) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    setup
        .listener()
        .onEnvelope(envelope)
        .whenComplete(
            (accepted, failure) -> {
              if (failure == null) {
                answer.complete(accepted);
              } else {
                answer.completeExceptionally(failure);
              }
            });
    return answer;
  }

  private CompletionStage<QuorumEffect.Result> deliver(Envelope envelope) {
    return answer(envelope)
        .orTimeout(limits.deliverTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (accepted, failure) -> {
              if (failure != null) {
                LOG.warn("The application could not take an envelope", failure);
              }
              return failure == null && accepted
                  ? new QuorumEffect.Accepted()
                  : new QuorumEffect.Rejected();
            });
  }
}
