package org.bytchat.sim.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** Deposits of some clients, made beforehand, and the receipts that came for them. */
final class MailDeposits {

  static final int ENVELOPE_BYTES = 1024;

  /** Of so many receipts one is verified afterwards. */
  private static final int SAMPLE = 20;

  private static final long LAST_ANSWER_SECONDS = 60;

  private final NodeId tracker;
  private final List<MailOwner> owners;
  private final Envelope[] envelopes;
  private final Request.@Nullable Deposit[] signed;
  private final AtomicReferenceArray<@Nullable Receipt> receipts;

  /**
   * Makes deposits, turn by turn into each mailbox.
   *
   * @param tracker where
   * @param owners the mailboxes
   * @param count how many
   * @param signs whether they are signed now
   */
  MailDeposits(NodeId tracker, List<MailOwner> owners, int count, boolean signs) {
    this.tracker = tracker;
    this.owners = owners;
    this.envelopes = new Envelope[count];
    this.signed = new Request.Deposit[count];
    this.receipts = new AtomicReferenceArray<>(count);
    long nowMillis = System.currentTimeMillis();
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              MailOwner owner = owner(i);
              Random random = new Random(System.nanoTime() + i);
              envelopes[i] = owner.envelope(ENVELOPE_BYTES, nowMillis, random);
              signed[i] = signs ? owner.deposit(envelopes[i], tracker) : null;
            });
  }

  private MailOwner owner(int index) {
    return owners.get(index % owners.size());
  }

  int count() {
    return envelopes.length;
  }

  /** Deposits all with a window for each client; returns the nanoseconds that it took. */
  long run(List<TrackerConnection> clients, int window) throws Exception {
    AtomicInteger next = new AtomicInteger();
    return Windows.run(
        clients.size(),
        window,
        client -> {
          int index = next.getAndIncrement();
          return index < envelopes.length ? deposit(clients.get(client), index) : null;
        });
  }

  private CompletableFuture<?> deposit(TrackerConnection client, int index) {
    Request.Deposit ready = signed[index];
    boolean verifies = ready == null;
    Request.Deposit request =
        ready == null ? owner(index).deposit(envelopes[index], tracker) : ready;
    return client
        .request(request)
        .thenAccept(
            response -> {
              Receipt receipt = TrackerLab.answer(response, Response.Receipts.class).deposit();
              if (verifies) {
                requireVerified(receipt);
              }
              receipts.set(index, receipt);
            });
  }

  /**
   * Deposits at even times, whatever is not answered yet.
   *
   * @return the microseconds from the planned time of each deposit to its receipt
   */
  Histogram runAt(double perSecond, List<TrackerConnection> clients) throws Exception {
    long[] tookNanos = new long[envelopes.length];
    List<CompletableFuture<?>> all = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < envelopes.length; i++) {
      int index = i;
      long planned = begun + (long) (i * 1e9 / perSecond);
      for (long left = planned - System.nanoTime(); left > 0; left = planned - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      all.add(
          deposit(clients.get(i % clients.size()), i)
              .thenRun(() -> tookNanos[index] = System.nanoTime() - planned));
    }
    CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
        .get(LAST_ANSWER_SECONDS, TimeUnit.SECONDS);
    Histogram micros = new Histogram(3);
    for (long nanos : tookNanos) {
      micros.recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
    }
    return micros;
  }

  /** Checks that each deposit has its receipt, and the signatures of some; returns of how many. */
  int check() {
    int verified = 0;
    for (int i = 0; i < envelopes.length; i++) {
      Receipt receipt = receipts.get(i);
      if (receipt == null
          || receipt.content().kind() != Receipt.Kind.DEPOSIT
          || !receipt.tracker().equals(tracker)
          || !receipt.content().mailbox().equals(envelopes[i].mailbox())
          || !receipt.content().digest().equals(envelopes[i].digest())
          || receipt.content().expiresMillis() != envelopes[i].expiresMillis()) {
        throw new IllegalStateException("no receipt for deposit " + i + ": " + receipt);
      }
      if (i % SAMPLE == 0) {
        requireVerified(receipt);
        verified++;
      }
    }
    return verified;
  }

  private static void requireVerified(Receipt receipt) {
    if (!receipt.verify(MailOwner.NETWORK, Ed25519Scheme.INSTANCE)) {
      throw new IllegalStateException("a receipt's signature is none: " + receipt);
    }
  }

  /** Returns what is in the mailbox of an owner by these deposits. */
  List<Digest> digestsOf(int owner) {
    return IntStream.iterate(owner, i -> i < envelopes.length, i -> i + owners.size())
        .mapToObj(i -> envelopes[i].digest())
        .toList();
  }
}
