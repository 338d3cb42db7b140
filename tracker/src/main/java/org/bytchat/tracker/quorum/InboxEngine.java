package org.bytchat.tracker.quorum;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A device's side as a deterministic state machine: opens and fetches from the trackers closest to
 * its mailbox, hands each envelope to the application once, and acknowledges to all. It opens no
 * socket and no file, starts no thread and reads no clock. Not thread-safe: one driver owns it.
 *
 * <p>Driven as {@link OutboxEngine} is. An envelope may be handed over twice only if the device
 * crashed in between, or if more came than is remembered.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class InboxEngine implements QuorumEngine {

  private final Desk<InboxEvent> desk;
  private final InboxTools.Own self;
  private final NodeId mailbox;
  private final Arrivals arrivals;
  private final InboxTools tools;
  private final Map<NodeId, Line> lines = new LinkedHashMap<>();
  private final Desk.Alarm lookup = new Desk.Alarm(this::lookUp);
  private boolean isLooking;
  private int emptyCount;

  /**
   * Whose inbox it is.
   *
   * @param owner the user
   * @param device the device that fetches
   * @param list the newest device list that the device knows, {@link QuorumChange.PutOwnList kept}
   *     ones included
   * @param keys the newest delivery keys that it knows, null for none
   */
  public record Self(Owner owner, DeviceId device, DeviceList list, @Nullable DeliveryKeys keys) {}

  /**
   * Makes an inbox; nothing happens before {@link #start}.
   *
   * @param config its numbers and limits
   * @param networkId the network
   * @param self whose it is
   * @param entropy varies waits
   */
  public InboxEngine(QuorumConfig config, int networkId, Self self, Entropy entropy) {
    this.desk = new Desk<>(config, networkId, entropy);
    this.self = new InboxTools.Own(self);
    this.mailbox = self.owner.mailbox();
    this.arrivals = new Arrivals(desk, mailbox, new Lines());
    this.tools =
        new InboxTools(
            desk,
            this.self,
            arrivals,
            new Evidence(desk, this.self),
            new AckSigner(desk, this.self),
            this::onUnavailable);
  }

  /** Has all lines go on. */
  private final class Lines implements Arrivals.Listener {

    @Override
    public void onAccepted(Digest digest) {
      for (Line line : lines.values()) {
        line.owe(digest);
        line.go();
      }
    }

    @Override
    public void onRoom() {
      lines.values().forEach(Line::go);
    }
  }

  @Override
  public void adjustClock(long wallMillis, long now) {
    desk.nowNanos = now;
    if (desk.adjustClock(wallMillis) < 0) {
      arrivals.onClockSetBack();
    }
  }

  /**
   * Starts.
   *
   * @param seen what was kept before, in any order
   * @param now the time
   */
  public void start(List<QuorumChange.Seen> seen, long now) {
    desk.nowNanos = now;
    arrivals.start(seen);
    lookUp();
  }

  private void lookUp() {
    isLooking = true;
    int count = desk.config.quorum().fetchCount();
    desk.perform(
        id -> new QuorumEffect.FindTrackers(id, mailbox, count),
        result -> {
          isLooking = false;
          onFound(Recipients.trackers(result, count));
        });
  }

  private void onFound(List<Contact> found) {
    QuorumConfig.InboxTimes times = desk.config.inboxTimes();
    if (found.isEmpty()) {
      desk.count(QuorumCounter.EMPTY_LOOKUPS);
      emptyCount++;
      desk.set(lookup, desk.backoff(emptyCount, times.retryMin(), times.retryMax()));
      return;
    }
    emptyCount = 0;
    desk.set(lookup, desk.around(times.lookup()));
    Map<NodeId, Line> before = new LinkedHashMap<>(lines);
    lines.clear();
    for (Contact contact : found) {
      Line line = before.remove(contact.id());
      lines.put(contact.id(), line == null ? new Line(tools, contact) : line);
    }
    before.values().forEach(Line::stop);
    for (Contact contact : found) {
      Line line = lines.get(contact.id());
      if (line != null) {
        line.refresh(contact);
      }
    }
  }

  /** If no tracker can be used, others are looked for soon. */
  private void onUnavailable() {
    boolean isAnyOpen = lines.values().stream().anyMatch(Line::isOpen);
    long waitNanos = desk.around(desk.config.inboxTimes().retryMax());
    if (!isAnyOpen && !isLooking && desk.remainingNanos(lookup) > waitNanos) {
      desk.set(lookup, waitNanos);
    }
  }

  /**
   * Has another device list: it is brought to the trackers, and kept.
   *
   * @param list signed by the owner; ignored if it is not newer than the one so far, or is the next
   *     one and names another before it, which no tracker that has ours would take
   * @param now the time
   */
  public void setDeviceList(DeviceList list, long now) {
    desk.nowNanos = now;
    if (list.standing(self.list) == DeviceList.Standing.NEWER) {
      self.list = list;
      arrivals.keeper().keep(new QuorumChange.PutOwnList(mailbox, list), null);
      lines.values().forEach(Line::onNewList);
    }
  }

  /**
   * Has other delivery keys: they are brought to the trackers.
   *
   * @param keys signed by one of the owner's devices; ignored if they do not supersede those so far
   * @param now the time
   */
  public void setDeliveryKeys(DeliveryKeys keys, long now) {
    desk.nowNanos = now;
    DeliveryKeys held = self.keys;
    if (keys.content().mailbox().equals(mailbox) && (held == null || keys.supersedes(held))) {
      self.keys = keys;
      self.keysRevision++;
      lines.values().forEach(Line::go);
    }
  }

  /**
   * Looks the trackers up again, and fetches from each: for when the network has changed, or the
   * device was asleep.
   *
   * @param now the time
   */
  public void refresh(long now) {
    desk.nowNanos = now;
    if (!isLooking) {
      desk.cancel(lookup);
      lookUp();
    }
    lines.values().forEach(Line::hurry);
  }

  @Override
  public void handleEffect(long id, QuorumEffect.Result result, long now) {
    desk.nowNanos = now;
    desk.handleEffect(id, result);
  }

  @Override
  public void handleTimeout(long now) {
    desk.nowNanos = now;
    desk.handleTimeout();
  }

  @Override
  public @Nullable QuorumEffect pollEffect() {
    return desk.pollEffect();
  }

  /**
   * Takes the next event for the application.
   *
   * @return an event, or null if there is none
   */
  public @Nullable InboxEvent pollEvent() {
    return desk.pollEvent();
  }

  @Override
  public long pollTimeoutNanos() {
    return desk.nextNanos();
  }

  /**
   * Returns the trackers in use.
   *
   * @return those that the last lookup found, and at which the device is open
   */
  public List<NodeId> openTrackers() {
    return lines.values().stream().filter(Line::isOpen).map(Line::id).toList();
  }

  @Override
  public long count(QuorumCounter counter) {
    return desk.counted(counter);
  }
}
