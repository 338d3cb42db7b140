package org.bytchat.tracker.client;

import java.util.concurrent.CompletionStage;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEvent;

/** Hears a {@link MailClient}, on its thread: what it does must not block. */
@API(status = API.Status.EXPERIMENTAL)
public interface MailListener {

  /**
   * An envelope is there for the device. What it is worth is for the application to find out:
   * trackers may make up envelopes, which cannot be opened; they are to be accepted and dropped.
   *
   * @param envelope the envelope
   * @return completes with true when the application has stored it or never will want it, and then
   *     it is acknowledged; false, or a failure, if it cannot take it now: it comes again later. No
   *     answer within {@code QuorumConfig.Driver.deliverTimeout} counts as false, so that an
   *     envelope that was stored later comes twice
   */
  CompletionStage<Boolean> onEnvelope(Envelope envelope);

  /**
   * Something became of a parcel.
   *
   * @param event what
   */
  default void onOutbox(OutboxEvent event) {}

  /**
   * A tracker said something that the device's owner should know.
   *
   * @param event what
   */
  default void onInbox(InboxEvent event) {}
}
