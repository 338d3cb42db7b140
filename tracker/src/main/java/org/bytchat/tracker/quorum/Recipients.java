package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/** The mailboxes that parcels are for, and the trackers closest to each. */
final class Recipients {

  private final Desk<OutboxEvent> desk;
  private final Slots asks;
  private final Map<NodeId, Recipient> all = new TreeMap<>();

  /** One mailbox. */
  final class Recipient {
    final NodeId mailbox;
    final Map<Digest, OutboxParcel> parcels = new LinkedHashMap<>();

    /** What the last lookup that found anybody has found, the closest first. */
    List<Contact> nearest = List.of();

    /** The newest device list that was verified while there were parcels, null if none was. */
    @Nullable DeviceList list;

    private final Desk.Alarm lookup = new Desk.Alarm(this::lookUp);
    private boolean isLooking;
    private int emptyCount;
    private int hurriedCount;

    Recipient(NodeId mailbox) {
      this.mailbox = mailbox;
    }

    private void lookUp() {
      isLooking = true;
      asks.take(
          mailbox,
          () -> {
            int count = desk.config.quorum().fetchCount();
            desk.perform(
                id -> new QuorumEffect.FindTrackers(id, mailbox, count),
                result -> {
                  isLooking = false;
                  asks.release(mailbox);
                  onFound(trackers(result, count));
                });
          });
    }

    private void onFound(List<Contact> found) {
      if (parcels.isEmpty()) {
        return;
      }
      QuorumConfig.OutboxTimes times = desk.config.outboxTimes();
      if (found.isEmpty()) {
        desk.count(QuorumCounter.EMPTY_LOOKUPS);
        emptyCount++;
        desk.set(lookup, desk.backoff(emptyCount, times.retryMin(), times.retryMax()));
        return;
      }
      emptyCount = 0;
      nearest = found;
      desk.set(lookup, desk.around(times.lookup()));
      List.copyOf(parcels.values()).forEach(OutboxParcel::advance);
    }

    /** Has the trackers looked up earlier, because those that are known do not do. */
    void hurry() {
      QuorumConfig.OutboxTimes times = desk.config.outboxTimes();
      long wait = desk.backoff(hurriedCount + 1, times.retryMin(), times.retryMax());
      if (!isLooking && desk.remainingNanos(lookup) > wait) {
        hurriedCount++;
        desk.set(lookup, wait);
      }
    }

    void onReceipt() {
      hurriedCount = 0;
    }
  }

  Recipients(Desk<OutboxEvent> desk, Slots asks) {
    this.desk = desk;
    this.asks = asks;
  }

  /** Returns what a lookup has found, each once, at most so many. */
  static List<Contact> trackers(QuorumEffect.Result result, int count) {
    List<Contact> found = new ArrayList<>();
    if (result instanceof QuorumEffect.Trackers trackers) {
      for (Contact contact : trackers.contacts()) {
        boolean isKnown = found.stream().anyMatch(other -> other.id().equals(contact.id()));
        if (!isKnown && found.size() < count) {
          found.add(contact);
        }
      }
    }
    return List.copyOf(found);
  }

  /** Adds a parcel, and has the trackers looked up if nobody has. */
  Recipient add(NodeId mailbox) {
    return all.computeIfAbsent(mailbox, Recipient::new);
  }

  /** A parcel is to be deposited. */
  void begin(OutboxParcel parcel) {
    Recipient recipient = parcel.recipient;
    if (!recipient.isLooking && !recipient.lookup.isSet()) {
      recipient.lookUp();
    }
    parcel.advance();
  }

  void remove(OutboxParcel parcel) {
    Recipient recipient = parcel.recipient;
    recipient.parcels.remove(parcel.digest);
    if (recipient.parcels.isEmpty()) {
      desk.cancel(recipient.lookup);
      all.remove(recipient.mailbox);
    }
  }
}
