package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** A device and one tracker: what it has shown there, what it fetches and acknowledges. */
final class Line {

  /** More than this comes again by itself: the tracker gives what it has no acknowledgement of. */
  private static final int OWED_MAX = 4_096;

  private final InboxTools tools;
  private final Desk<InboxEvent> desk;
  private final QuorumConfig.InboxTimes times;
  private final Desk.Alarm retry = new Desk.Alarm(this::go);
  private final Desk.Alarm fetchPause = new Desk.Alarm(this::go);
  private final Desk.Alarm ackPause = new Desk.Alarm(this::go);
  private final Binder binder;
  private final TreeSet<Digest> owed = new TreeSet<>();

  /** Where; a later lookup may find the same tracker elsewhere. */
  Contact tracker;

  private boolean isCurrent = true;
  private boolean isOpen;
  private boolean isToConfirm;
  private boolean isToBringList;
  private boolean isControlling;
  private boolean isFetching;
  private boolean isAcking;
  private boolean isBlamed;
  private int keysBrought;
  private long cursor;
  private boolean isRewound;
  private long refusedCount;
  private int failures;
  private int ackFailures;

  Line(InboxTools tools, Contact tracker) {
    this.tools = tools;
    this.desk = tools.desk();
    this.times = desk.config.inboxTimes();
    this.tracker = tracker;
    this.binder = new Binder(tools, this);
  }

  NodeId id() {
    return tracker.id();
  }

  boolean isOpen() {
    return isOpen;
  }

  boolean isCurrent() {
    return isCurrent;
  }

  /**
   * A lookup has found the tracker again: it is told again that all is as it was, and read anew.
   */
  void refresh(Contact found) {
    tracker = found;
    isBlamed = false;
    isToConfirm = isOpen;
    rewind();
    go();
  }

  /** Tries at once what waits for a while. */
  void hurry() {
    failures = 0;
    desk.cancel(retry);
    desk.cancel(fetchPause);
    go();
  }

  /** The tracker is not one of the closest any more. */
  void stop() {
    isCurrent = false;
    isOpen = false;
    desk.cancel(retry);
    desk.cancel(fetchPause);
    desk.cancel(ackPause);
    binder.stop();
  }

  /** The application has an envelope. */
  void owe(Digest digest) {
    if (owed.size() < OWED_MAX) {
      owed.add(digest);
    }
  }

  void onNewList() {
    isToBringList = true;
    // Keys that did not count may count by this list.
    keysBrought = 0;
    go();
  }

  /** Begins whatever can be begun. */
  void go() {
    if (!isCurrent || retry.isSet()) {
      return;
    }
    if (!isControlling) {
      control();
    }
    if (!isAcking && !ackPause.isSet() && !owed.isEmpty()) {
      acknowledge();
    }
    if (isOpen && !isFetching && !fetchPause.isSet()) {
      fetch();
    }
  }

  private void control() {
    DeliveryKeys keys = tools.self().keys;
    if (!isOpen || isToConfirm) {
      open(false);
    } else if (isToBringList) {
      bringList();
    } else if (keys != null && keysBrought != tools.self().keysRevision) {
      bringKeys(keys);
    }
  }

  // Opening

  private void open(boolean withList) {
    isControlling = true;
    isToConfirm = false;
    InboxTools.Own self = tools.self();
    DeviceList list = self.list;
    desk.ask(
        id ->
            new QuorumEffect.Open(
                id, tracker, self.owner, withList ? list : null, self.device, list.version()),
        result -> {
          isControlling = false;
          onOpened(result, withList);
        });
  }

  private void onOpened(QuorumEffect.Result result, boolean withList) {
    Response response = Desk.response(result);
    Response.Refused refused = Desk.refusal(result);
    if (!isCurrent) {
      return;
    }
    if (response instanceof Response.Opened opened) {
      onOpened(opened);
    } else if (refused != null && refused.refusal() == Refusal.NO_LIST && !withList) {
      open(true);
    } else {
      onTrouble(result);
    }
  }

  private void onOpened(Response.Opened opened) {
    if (!isOpen) {
      isOpen = true;
      cursor = 0;
      keysBrought = 0;
      desk.tell(new InboxEvent.Opened(id()));
    }
    DeviceList fork = opened.fork();
    if (fork != null) {
      tools.evidence().consider(id(), fork);
    }
    // What it says it has is no proof; asked to take ours, it must show it.
    isToBringList |= opened.listVersion() > tools.self().list.version();
    binder.start();
    go();
  }

  /** A tracker refused, or did not answer: later. */
  private void onTrouble(QuorumEffect.Result result) {
    Response.Refused refused = Desk.refusal(result);
    isOpen = false;
    failures++;
    if (refused != null) {
      considerEvidence(refused);
      desk.tell(new InboxEvent.Unavailable(id(), refused.refusal(), refused.text()));
    } else {
      if (Desk.response(result) != null) {
        desk.count(QuorumCounter.INVALID);
      }
      desk.tell(new InboxEvent.Unavailable(id(), null, Desk.lostText(result)));
    }
    boolean isSettled =
        refused != null
            && (refused.refusal() == Refusal.NOT_LISTED
                || refused.refusal() == Refusal.FORK
                || refused.refusal() == Refusal.BROKEN_CHAIN);
    desk.set(
        retry,
        isSettled
            ? desk.around(times.retryMax())
            : desk.backoff(failures, times.retryMin(), times.retryMax()));
    tools.listener().onUnavailable();
  }

  private void considerEvidence(Response.Refused refused) {
    DeviceList evidence = refused.evidence();
    if (evidence != null) {
      tools.evidence().consider(id(), evidence);
    }
  }

  // What is brought

  private void bringList() {
    isControlling = true;
    isToBringList = false;
    InboxTools.Own self = tools.self();
    desk.ask(
        tracker,
        new Request.PutDevices(self.owner, self.list),
        result -> {
          isControlling = false;
          onBrought(result);
        });
  }

  private void bringKeys(DeliveryKeys keys) {
    isControlling = true;
    keysBrought = tools.self().keysRevision;
    desk.ask(
        tracker,
        new Request.PutDeliveryKeys(keys),
        result -> {
          isControlling = false;
          Response.Refused refused = Desk.refusal(result);
          if (refused != null && refused.refusal() == Refusal.OLDER) {
            desk.tell(new InboxEvent.NewerDeliveryKeys(id(), keys.content().version()));
            go();
            return;
          }
          if (refused != null && refused.evidence() != null) {
            // A list shows why they do not count; brought again they would be refused again.
            desk.tell(
                new InboxEvent.DeliveryKeysRefused(
                    id(), keys.content().version(), refused.refusal()));
          } else if (!(Desk.response(result) instanceof Response.Taken)) {
            keysBrought = 0;
          }
          onBrought(result);
        });
  }

  private void onBrought(QuorumEffect.Result result) {
    Response.Refused refused = Desk.refusal(result);
    if (!isCurrent) {
      return;
    }
    if (Desk.response(result) instanceof Response.Taken
        || (refused != null && refused.evidence() != null)) {
      if (refused != null) {
        considerEvidence(refused);
      }
      go();
    } else {
      onTrouble(result);
    }
  }

  // Fetching

  private void fetch() {
    if (!tools.arrivals().hasRoom()) {
      desk.count(QuorumCounter.INBOX_FULL);
      return;
    }
    isFetching = true;
    isRewound = false;
    long askedNanos = desk.nowNanos;
    int limit = desk.config.inbox().pageLimit();
    Request.Fetch request = new Request.Fetch(cursor, limit, times.fetchWait().toMillis());
    desk.ask(
        tracker,
        request,
        result -> {
          isFetching = false;
          if (result instanceof QuorumEffect.Page page) {
            onPage(page, askedNanos);
          } else if (isCurrent) {
            onFetchRefused(result);
          }
        });
  }

  private void rewind() {
    cursor = 0;
    isRewound = true;
  }

  private void onPage(QuorumEffect.Page page, long askedNanos) {
    int limit = desk.config.inbox().pageLimit();
    if (page.envelopes().size() > limit) {
      blame("more envelopes than were asked for");
    }
    boolean isAnyNew = false;
    for (byte[] bytes : page.envelopes().subList(0, Math.min(limit, page.envelopes().size()))) {
      desk.count(QuorumCounter.FETCHED);
      isAnyNew |= take(bytes);
    }
    failures = 0;
    if (!isRewound) {
      cursor = Math.max(0, page.end().cursor());
    }
    noteQuota(page.end().refusedCount());
    DeviceList fork = page.end().fork();
    if (fork != null) {
      tools.evidence().consider(id(), fork);
    }
    long pauseNanos = askedNanos + times.retryMin().toNanos() - desk.nowNanos;
    // Who has nothing new at once, time after time, must not be asked all the time.
    if (!isAnyNew && pauseNanos > 0 && isCurrent) {
      desk.set(fetchPause, pauseNanos);
    }
    go();
  }

  private boolean take(byte[] bytes) {
    Envelope envelope = Envelope.parse(bytes).toOptional().orElse(null);
    if (envelope == null) {
      desk.count(QuorumCounter.DROPPED);
      blame("what is no envelope");
      return false;
    }
    switch (tools.arrivals().take(envelope, id())) {
      case NEW -> {
        return true;
      }
      case WAITING -> {
        return false;
      }
      case SEEN -> {
        owe(envelope.digest());
        return false;
      }
      case WRONG -> {
        desk.count(QuorumCounter.DROPPED);
        blame("an envelope of another mailbox or time");
        return false;
      }
      case BEYOND_SHARE -> {
        desk.count(QuorumCounter.DROPPED);
        blame("more envelopes than its share");
        return false;
      }
    }
    throw new AssertionError("not reached");
  }

  private void blame(String text) {
    if (!isBlamed) {
      isBlamed = true;
      desk.tell(new InboxEvent.Misbehaved(id(), text));
    }
  }

  private void noteQuota(long count) {
    if (count > 0 && count != refusedCount) {
      desk.tell(new InboxEvent.Quota(id(), count));
    }
    refusedCount = count;
  }

  private void onFetchRefused(QuorumEffect.Result result) {
    Response.Refused refused = Desk.refusal(result);
    if (refused != null && refused.refusal() == Refusal.NOT_OPEN && failures == 0) {
      // The session is a new one. Once only: who says so each time is as good as gone.
      failures++;
      isOpen = false;
      go();
    } else {
      onTrouble(result);
    }
  }

  // Acknowledging

  private void acknowledge() {
    isAcking = true;
    List<Digest> digests = new ArrayList<>();
    for (Digest digest : owed) {
      if (digests.size() == AckBatch.DIGESTS_MAX) {
        break;
      }
      digests.add(digest);
    }
    tools.signer().sign(digests, batch -> onSigned(digests, batch));
  }

  private void onSigned(List<Digest> digests, @Nullable AckBatch batch) {
    if (batch == null || !isCurrent) {
      isAcking = false;
      ackLater();
      return;
    }
    desk.ask(
        tracker,
        new Request.PutAcks(batch),
        result -> {
          isAcking = false;
          onAcked(digests, result);
        });
  }

  private void onAcked(List<Digest> digests, QuorumEffect.Result result) {
    Response.Refused refused = Desk.refusal(result);
    if (Desk.response(result) instanceof Response.Acked acked
        && acked.known().size() == digests.size()) {
      ackFailures = 0;
      acked.known().stream()
          .filter(known -> known)
          .forEach(known -> desk.count(QuorumCounter.ACKED));
      // What it does not know it may get yet; then it gives it to us, and is told again.
      digests.forEach(owed::remove);
      go();
      return;
    }
    if (refused == null && Desk.response(result) != null) {
      desk.count(QuorumCounter.INVALID);
    }
    if (refused != null) {
      considerEvidence(refused);
      isToBringList |= refused.refusal() == Refusal.NO_LIST;
    }
    ackLater();
  }

  private void ackLater() {
    if (isCurrent) {
      ackFailures++;
      desk.set(ackPause, desk.backoff(ackFailures, times.retryMin(), times.retryMax()));
      go();
    }
  }
}
