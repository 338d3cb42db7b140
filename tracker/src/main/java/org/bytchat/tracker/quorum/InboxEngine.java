package org.bytchat.tracker.quorum;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
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
public final class InboxEngine {

  /**
   * Whose inbox it is.
   *
   * @param owner the user
   * @param device the device that fetches
   * @param list the newest device list that the device knows
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
    throw new UnsupportedOperationException();
  }

  /**
   * Tells the time of the world, as for {@link OutboxEngine#adjustClock}.
   *
   * @param wallMillis milliseconds since 1970
   * @param now the time
   */
  public void adjustClock(long wallMillis, long now) {}

  /**
   * Starts.
   *
   * @param seen what was kept before, in any order
   * @param now the time
   */
  public void start(List<QuorumChange.Seen> seen, long now) {}

  /**
   * Has another device list: it is brought to the trackers.
   *
   * @param list signed by the owner; ignored if it is not newer than the one so far
   * @param now the time
   */
  public void setDeviceList(DeviceList list, long now) {}

  /**
   * Has other delivery keys: they are brought to the trackers.
   *
   * @param keys signed by one of the owner's devices; ignored if they do not supersede those so far
   * @param now the time
   */
  public void setDeliveryKeys(DeliveryKeys keys, long now) {}

  /**
   * Looks the trackers up again, and fetches from each: for when the network has changed, or the
   * device was asleep.
   *
   * @param now the time
   */
  public void refresh(long now) {}

  /**
   * Takes the result of an effect; one that is unknown is ignored.
   *
   * @param id the effect's id
   * @param result what came of it
   * @param now the time
   */
  public void handleEffect(long id, QuorumEffect.Result result, long now) {}

  /**
   * Handles everything whose deadline has come.
   *
   * @param now the time
   */
  public void handleTimeout(long now) {}

  /**
   * Takes the next effect to perform.
   *
   * @return an effect, or null if there is none
   */
  public @Nullable QuorumEffect pollEffect() {
    return null;
  }

  /**
   * Takes the next event for the application.
   *
   * @return an event, or null if there is none
   */
  public @Nullable InboxEvent pollEvent() {
    return null;
  }

  /**
   * Returns when {@link #handleTimeout} is to be called next.
   *
   * @return monotonic nanoseconds, {@link Long#MAX_VALUE} for never
   */
  public long pollTimeoutNanos() {
    return Long.MAX_VALUE;
  }

  /**
   * Returns the trackers in use.
   *
   * @return those that the last lookup found, and at which the device is open
   */
  public List<NodeId> openTrackers() {
    return List.of();
  }

  /**
   * Returns what was counted.
   *
   * @param counter which
   * @return the count since the start
   */
  public long count(QuorumCounter counter) {
    return 0;
  }
}
