package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/** Has acknowledgements signed; mostly all trackers are owed the same, which is signed once. */
final class AckSigner {

  private final Desk<InboxEvent> desk;
  private final InboxTools.Own self;
  private final List<Job> jobs = new ArrayList<>();
  private @Nullable AckBatch last;

  /** Takes a batch, or null if it could not be signed. */
  @FunctionalInterface
  interface Handler {
    void handle(@Nullable AckBatch batch);
  }

  /** A batch that is being signed, and who waits for it: each line for one. */
  private record Job(List<Digest> digests, List<Handler> handlers) {}

  AckSigner(Desk<InboxEvent> desk, InboxTools.Own self) {
    this.desk = desk;
    this.self = self;
  }

  void sign(List<Digest> digests, Handler handler) {
    AckBatch ready = last;
    if (ready != null && ready.digests().equals(digests)) {
      handler.handle(ready);
      return;
    }
    for (Job job : jobs) {
      if (job.digests.equals(digests)) {
        job.handlers.add(handler);
        return;
      }
    }
    Job job = new Job(List.copyOf(digests), new ArrayList<>(List.of(handler)));
    jobs.add(job);
    desk.perform(
        id -> new QuorumEffect.SignAcks(id, self.owner.mailbox(), self.device, job.digests),
        result -> {
          jobs.remove(job);
          AckBatch batch = result instanceof QuorumEffect.Signed signed ? signed.batch() : null;
          last = batch == null ? last : batch;
          job.handlers.forEach(waiting -> waiting.handle(batch));
        });
  }
}
