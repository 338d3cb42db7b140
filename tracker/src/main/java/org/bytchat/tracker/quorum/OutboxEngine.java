package org.bytchat.tracker.quorum;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
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
public final class OutboxEngine implements QuorumEngine {

  /** Beyond, a disk that does not take what is to be kept must not fill the memory. */
  private static final int KEEP_WAITING_MAX = 100_000;

  private final Desk<OutboxEvent> desk;
  private final Recipients recipients;
  private final OutboxTools tools;
  private final Map<Digest, OutboxParcel> parcels = new LinkedHashMap<>();
  private long bytes;

  /** What became of an offer. */
  public enum Offer {
    /** It is taken; {@link OutboxEvent.Queued} follows, or an end with NOT_KEPT. */
    TAKEN,
    /** A parcel of this envelope is there already. */
    DUPLICATE,
    /** The outbox is full; again when a parcel has ended. */
    FULL,
    /** The envelope has expired, or is of a future that no wrong clock explains. */
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
    this.desk = new Desk<>(config, networkId, entropy);
    QuorumConfig.Outbox limits = config.outbox();
    Slots asks = new Slots(limits.asksMax(), limits.asksPerTrackerMax());
    Slots stamps = new Slots(limits.stampsMax(), limits.stampsMax());
    this.recipients = new Recipients(desk, asks);
    Keeper keeper = new Keeper(desk);
    ListVersions versions = new ListVersions(desk, keeper, limits.listVersionsMax());
    this.tools = new OutboxTools(desk, asks, stamps, keeper, versions, this::forget);
  }

  private void forget(OutboxParcel parcel) {
    if (parcels.remove(parcel.digest) != null) {
      bytes -= parcel.parcel.envelope().bytes().length;
      recipients.remove(parcel);
    }
  }

  @Override
  public void adjustClock(long wallMillis, long now) {
    desk.nowNanos = now;
    if (desk.adjustClock(wallMillis) != 0) {
      List.copyOf(parcels.values()).forEach(OutboxParcel::checkEnd);
    }
  }

  /**
   * Starts.
   *
   * @param kept what was kept before, in any order; beyond the limits of parcels too
   * @param listVersions what was kept of recipients' device lists, those first that may be
   *     forgotten first
   * @param now the time
   */
  public void start(List<Kept> kept, List<QuorumChange.ListVersion> listVersions, long now) {
    desk.nowNanos = now;
    tools.listVersions().start(listVersions);
    for (Kept one : kept) {
      if (!parcels.containsKey(one.parcel.digest())) {
        OutboxParcel parcel = add(one.parcel);
        parcel.restore(one.receipts);
        if (!parcel.isEnded()) {
          recipients.begin(parcel);
        }
      }
    }
  }

  private OutboxParcel add(Parcel parcel) {
    Recipients.Recipient recipient = recipients.add(parcel.envelope().mailbox());
    OutboxParcel added = new OutboxParcel(tools, parcel, recipient);
    parcels.put(added.digest, added);
    recipient.parcels.put(added.digest, added);
    bytes += parcel.envelope().bytes().length;
    return added;
  }

  /**
   * Offers a parcel.
   *
   * @param parcel the parcel
   * @param now the time
   * @return whether it is taken
   */
  public Offer offer(Parcel parcel, long now) {
    desk.nowNanos = now;
    QuorumConfig.Outbox limits = desk.config.outbox();
    Envelope envelope = parcel.envelope();
    long toleranceMillis = desk.config.outboxTimes().clockTolerance().toMillis();
    if (parcels.containsKey(parcel.digest())) {
      return Offer.DUPLICATE;
    }
    if (envelope.expiresMillis() + toleranceMillis <= desk.wallMillis()
        || envelope.createdMillis() - 2 * toleranceMillis > desk.wallMillis()) {
      return Offer.EXPIRED;
    }
    if (parcels.size() >= limits.parcelsMax()
        || tools.keeper().waitingCount() >= KEEP_WAITING_MAX
        || bytes + envelope.bytes().length > limits.bytesMax()) {
      desk.count(QuorumCounter.OUTBOX_FULL);
      return Offer.FULL;
    }
    OutboxParcel taken = add(parcel);
    tools
        .keeper()
        .tryKeep(
            new QuorumChange.PutParcel(parcel),
            new Keeper.Outcome() {
              @Override
              public void onKept() {
                if (!taken.isEnded()) {
                  taken.onQueued();
                }
                if (!taken.isEnded()) {
                  recipients.begin(taken);
                }
              }

              @Override
              public void onFailed() {
                taken.end(OutboxEvent.Ended.Reason.NOT_KEPT);
              }
            });
    return Offer.TAKEN;
  }

  /**
   * Takes a parcel back: nothing more is done for it. What trackers have, they keep. Nothing
   * happens if it is unknown.
   *
   * @param digest which
   * @param now the time
   */
  public void cancel(Digest digest, long now) {
    desk.nowNanos = now;
    OutboxParcel parcel = parcels.get(digest);
    if (parcel != null) {
      parcel.end(OutboxEvent.Ended.Reason.CANCELLED);
    }
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
  public @Nullable OutboxEvent pollEvent() {
    return desk.pollEvent();
  }

  @Override
  public long pollTimeoutNanos() {
    return desk.nextNanos();
  }

  /**
   * Returns how the parcels stand.
   *
   * @return one for each, in the order in which they came
   */
  public List<Standing> standings() {
    return parcels.values().stream().map(OutboxParcel::standing).toList();
  }

  @Override
  public long count(QuorumCounter counter) {
    return desk.counted(counter);
  }
}
