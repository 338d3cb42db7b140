package org.bytchat.sim.mail;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.tracker.mailbox.Envelope;
import org.jspecify.annotations.Nullable;

/** What users do in a run, drawn of its seed. */
final class MailPlan {

  private static final long MESSAGES = 2_009;
  private static final long SEALED = 2_010;
  private static final long PRESENCE = 2_011;
  private static final long RESTARTS = 2_014;
  private static final int DEVICES = 16;

  private MailPlan() {}

  /**
   * A message.
   *
   * @param index its number
   * @param atMicros when it is written
   * @param from who writes it
   * @param to who is to have it
   * @param probe where in its life it is looked at, a share
   */
  record Message(int index, long atMicros, int from, int to, double probe) {}

  /** A time in which mail is measured. */
  record Span(long fromMicros, long toMicros) {}

  /** Returns the messages in the order of time. */
  static List<Message> messages(Mail mail, long seed, Span span, Users users) {
    long state = Mix.seed(seed, MESSAGES);
    int count = mail.messages().count();
    long over = span.toMicros - span.fromMicros;
    List<Message> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long bits = Mix.combine(state, i);
      long at = span.fromMicros + (long) ((i + Mix.share(Mix.at(bits, 0))) / count * over);
      int from = Mix.below(Mix.at(bits, 1), users.count());
      int to = users.recipient(from, Mix.at(bits, 2));
      messages.add(new Message(i, at, from, to, Mix.share(Mix.at(bits, 3))));
    }
    return messages;
  }

  /** Seals a message. */
  static Envelope envelope(MailWorld world, Message message, NodeId mailbox, long nowMillis) {
    long state = Mix.combine(Mix.seed(world.seed(), SEALED), message.index);
    Mail.Messages messages = world.mail().messages();
    return envelope(mailbox, nowMillis, messages.ttl().toMillis(), state, messages.bytes());
  }

  static Envelope envelope(
      NodeId mailbox, long nowMillis, long ttlMillis, long state, int sizeBytes) {
    byte[] sealed = new byte[sizeBytes - Envelope.HEADER_BYTES];
    ByteBuffer.wrap(sealed).putLong(state).putLong(Mix.mix(state));
    return Envelope.of(mailbox, nowMillis, nowMillis + ttlMillis, sealed);
  }

  /**
   * Returns when a device comes on line and goes, in turn. All are on line until users begin to
   * write, so that trackers know their devices and contacts.
   *
   * @param presence null for a device that is always on line
   * @param span from when users write, to the end of the run
   */
  static List<Long> times(
      Mail.@Nullable Presence presence, long seed, int user, int device, Span span) {
    if (presence == null) {
      return List.of(0L);
    }
    long online = presence.onlineMean().toNanos() / 1_000;
    long away = presence.awayMean().toNanos() / 1_000;
    long state = Mix.combine(Mix.seed(seed, PRESENCE), (long) user * DEVICES + device);
    int drawn = 0;
    List<Long> times = new ArrayList<>(List.of(0L));
    boolean isOnline = Mix.share(Mix.at(state, drawn++)) * (online + away) < online;
    long at = span.fromMicros;
    if (!isOnline) {
      times.add(at);
    }
    while (at < span.toMicros) {
      at += Bits.exponential(Mix.at(state, drawn++), isOnline ? online : away);
      times.add(at);
      isOnline = !isOnline;
    }
    return times;
  }

  /**
   * Returns when an outbox is stopped.
   *
   * @param mean the mean time between, null for never
   */
  static List<Long> restarts(@Nullable Duration mean, long seed, int user, Span span) {
    List<Long> times = new ArrayList<>();
    if (mean == null) {
      return times;
    }
    long state = Mix.combine(Mix.seed(seed, RESTARTS), user);
    long meanMicros = mean.toNanos() / 1_000;
    long at = span.fromMicros;
    while (true) {
      at += Bits.exponential(Mix.at(state, times.size()), meanMicros);
      if (at >= span.toMicros) {
        return times;
      }
      times.add(at);
    }
  }
}
