package org.bytchat.tracker.quorum;

import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Refusal;
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

  /** Whether it was told since the last bind that somebody else binds later each time. */
  private boolean isOvertaken;

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
      isOvertaken = false;
      note(bound.elsewhere());
      desk.set(alarm, times.bind().toNanos());
    } else {
      noteFailure(result);
      desk.set(alarm, desk.backoff(failures, times.retryMin(), times.retryMax()));
    }
  }

  /** Each bind brings a nonce that it was just given: an older one is none of a lost answer. */
  private void noteFailure(QuorumEffect.Result result) {
    failures++;
    boolean isOlder =
        result instanceof QuorumEffect.BindAnswered answered
            && answered.answer() instanceof BindingAnswer.Refused refused
            && refused.refusal() == Refusal.OLDER;
    if (isOlder && !isOvertaken) {
      isOvertaken = true;
      desk.tell(new InboxEvent.Overtaken(line.id()));
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
