package org.bytchat.tracker.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEvent;

/**
 * A parcel on its way. The futures complete on the client's thread, which what is chained to them
 * must not block; they fail with {@link MailException} if the parcel ends before, or the client is
 * closed.
 *
 * @param digest what names the parcel
 * @param queued the parcel is on our disk, and is sent also after a crash
 * @param deposited enough trackers have given receipts; or a device has it before, with the
 *     receipts that there are by then, perhaps none
 * @param delivered a device of the recipient has it
 */
@API(status = API.Status.EXPERIMENTAL)
public record Sending(
    Digest digest,
    CompletableFuture<Void> queued,
    CompletableFuture<List<Receipt>> deposited,
    CompletableFuture<OutboxEvent.Delivered> delivered) {

  static Sending of(Digest digest) {
    return new Sending(
        digest, new CompletableFuture<>(), new CompletableFuture<>(), new CompletableFuture<>());
  }

  void fail(MailException reason) {
    queued.completeExceptionally(reason);
    deposited.completeExceptionally(reason);
    delivered.completeExceptionally(reason);
  }
}
