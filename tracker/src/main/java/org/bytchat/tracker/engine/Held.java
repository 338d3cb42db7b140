package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/** An envelope that a mailbox holds, or remembers, without its bytes. */
final class Held {

  final StoredMailbox.Entry entry;

  /** When it was deleted, 0 if it is held. */
  long deletedMillis;

  /** Whether it is on disk. */
  boolean durable;

  /** Whether its deletion is under way. */
  boolean deleting;

  /** Which of the mailbox's devices have acknowledged it, durably, as bits. */
  long acks;

  /** When the last of them did, as far as this life of the tracker knows. */
  long lastAckNanos;

  /** Those who wait for it to be durable; null if nobody does. */
  private @Nullable List<Waiter> waiters;

  /** Told whether it became durable. */
  @FunctionalInterface
  interface Waiter {
    void onSettled(boolean isDurable);
  }

  Held(StoredMailbox.Entry entry, boolean durable) {
    this.entry = entry;
    this.deletedMillis = entry.deletedMillis();
    this.durable = durable;
  }

  Digest digest() {
    return entry.digest();
  }

  boolean isLive() {
    return deletedMillis == 0;
  }

  void await(Waiter waiter) {
    List<Waiter> all = waiters;
    if (all == null) {
      all = new ArrayList<>(1);
      waiters = all;
    }
    all.add(waiter);
  }

  void settle(boolean isDurable) {
    durable = isDurable;
    List<Waiter> all = waiters;
    waiters = null;
    if (all != null) {
      all.forEach(waiter -> waiter.onSettled(isDurable));
    }
  }

  /** Returns what is signed when it is accepted. */
  Receipt.Content deposit(Mailbox mailbox) {
    return deposit(mailbox, entry.expiresMillis());
  }

  /** Returns the same for an envelope whose end is known: that of a grave is a peer's word. */
  Receipt.Content deposit(Mailbox mailbox, long expiresMillis) {
    return new Receipt.Content(
        Receipt.Kind.DEPOSIT, mailbox.key, digest(), entry.acceptedMillis(), expiresMillis);
  }

  /** Returns what is signed when it has been deleted. */
  Receipt.Content deletion(Mailbox mailbox) {
    return deletion(mailbox, entry.expiresMillis());
  }

  /** Returns the same for an envelope whose end is known. */
  Receipt.Content deletion(Mailbox mailbox, long expiresMillis) {
    return new Receipt.Content(
        Receipt.Kind.DELETION, mailbox.key, digest(), deletedMillis, expiresMillis);
  }
}
