package org.bytchat.tracker.quorum;

import org.bytchat.tracker.message.BindingAnswer;
import org.jspecify.annotations.Nullable;

/** Keeps a device bound at one tracker. */
final class Binder {

  private final InboxTools tools;
  private final Desk<InboxEvent> desk;
  private final Line line;
  private final Desk.Alarm alarm = new Desk.Alarm(this::bind);
  private boolean isStarted;
  private boolean isStopped;
  private int failures;
  private BindingAnswer.@Nullable Place elsewhere;

  Binder(InboxTools tools, Line line) {
    this.tools = tools;
    this.desk = tools.desk();
    this.line = line;
  }

  /** Begins; does nothing the second time. */
  void start() {
    if (!isStarted) {
      isStarted = true;
      bind();
    }
  }

  void stop() {
    isStopped = true;
    desk.cancel(alarm);
  }

  private void bind() {
    InboxTools.Own self = tools.self();
    desk.ask(
        id ->
            new QuorumEffect.Bind(
                id, line.tracker, self.owner.mailbox(), self.device, self.list.version()),
        this::onResult);
  }

  private void onResult(QuorumEffect.Result result) {
    if (isStopped) {
      return;
    }
    QuorumConfig.InboxTimes times = desk.config.inboxTimes();
    if (result instanceof QuorumEffect.BindAnswered answered
        && answered.answer() instanceof BindingAnswer.Bound bound) {
      failures = 0;
      note(bound.elsewhere());
      desk.set(alarm, times.bind().toNanos());
    } else {
      failures++;
      desk.set(alarm, desk.backoff(failures, times.retryMin(), times.retryMax()));
    }
  }

  private void note(BindingAnswer.@Nullable Place place) {
    BindingAnswer.Place before = elsewhere;
    boolean isSame =
        place != null
            && before != null
            && place.device().equals(before.device())
            && place.endpoint().equals(before.endpoint());
    if (place != null && !isSame) {
      desk.tell(new InboxEvent.BoundElsewhere(line.id(), place));
    }
    elsewhere = place;
  }
}
