package org.bytchat.tracker.quorum;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * The sender's side as a deterministic state machine: deposits parcels at the trackers closest to
 * their mailboxes until enough have given receipts, and on, until a device of the recipient has
 * acknowledged. It opens no socket and no file, starts no thread and reads no clock. Not
 * thread-safe: one driver owns it.
 *
 * <p>After any input the driver takes all {@link #pollEffect effects}, all {@link #pollEvent
 * events} and the next {@link #pollTimeoutNanos deadline}. Time is monotonic nanoseconds and never
 * goes backwards. No answer of a tracker makes a method throw.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class OutboxEngine {

  /** What became of an offer. */
  public enum Offer {
    /** It is taken; {@link OutboxEvent.Queued} follows, or an end with NOT_KEPT. */
    TAKEN,
    /** A parcel of this envelope is there already. */
    DUPLICATE,
    /** The outbox is full; again when a parcel has ended. */
    FULL,
    /** The envelope has expired. */
    EXPIRED
  }

  /**
   * How a parcel stands.
   *
   * @param parcel the parcel
   * @param receipts verified, one for each tracker
   * @param isDeposited whether they are as many as the quorum needs
   */
  public record Standing(Parcel parcel, List<Receipt> receipts, boolean isDeposited) {

    public Standing {
      receipts = List.copyOf(receipts);
    }
  }

  /**
   * What was kept of a parcel.
   *
   * @param parcel the parcel
   * @param receipts its receipts; were verified before they were kept
   */
  public record Kept(Parcel parcel, List<Receipt> receipts) {

    public Kept {
      receipts = List.copyOf(receipts);
    }
  }

  /**
   * Makes an outbox; nothing happens before {@link #start}.
   *
   * @param config its numbers and limits
   * @param networkId the network
   * @param entropy varies waits
   */
  public OutboxEngine(QuorumConfig config, int networkId, Entropy entropy) {
    throw new UnsupportedOperationException();
  }

  /**
   * Tells the time of the world. To be told before {@link #start}, and again often enough that a
   * clock that is set is noticed.
   *
   * @param wallMillis milliseconds since 1970
   * @param now the time
   */
  public void adjustClock(long wallMillis, long now) {}

  /**
   * Starts.
   *
   * @param kept what was kept before, in any order; beyond the limits of parcels too
   * @param now the time
   */
  public void start(List<Kept> kept, long now) {}

  /**
   * Offers a parcel.
   *
   * @param parcel the parcel
   * @param now the time
   * @return whether it is taken
   */
  public Offer offer(Parcel parcel, long now) {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes a parcel back: nothing more is done for it. What trackers have, they keep. Nothing
   * happens if it is unknown.
   *
   * @param digest which
   * @param now the time
   */
  public void cancel(Digest digest, long now) {}

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
  public @Nullable OutboxEvent pollEvent() {
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
   * Returns how the parcels stand.
   *
   * @return one for each, in the order in which they came
   */
  public List<Standing> standings() {
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
