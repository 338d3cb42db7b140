package org.bytchat.sim.mail;

import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** Fills one mailbox from one machine: envelope after envelope to the trackers closest to it. */
final class Flooder {

  private static final long DEPOSITS = 2_012;
  private static final long LOOKUP_MICROS = 600_000_000;
  private static final int TRACKERS = 8;
  private static final int STAMP_BITS_MAX = 14;

  private final MailMachine machine;
  private final Users.User victim;
  private final @Nullable NodeIdentity key;
  private final long everyMicros;
  private final long untilMicros;
  private final Lines lines;
  private List<Contact> trackers = List.of();
  private int stampBits;
  private long made;

  /**
   * Makes a flood.
   *
   * @param key the delivery key of a contact, null for a stranger
   * @param everyMicros the time between two deposits
   * @param untilMicros when it is over
   */
  Flooder(
      MailMachine machine,
      Users.User victim,
      @Nullable NodeIdentity key,
      long everyMicros,
      long untilMicros) {
    this.machine = machine;
    this.victim = victim;
    this.key = key;
    this.everyMicros = everyMicros;
    this.untilMicros = untilMicros;
    this.lines = new Lines(machine, null);
    this.stampBits = machine.world().mail().tracker().stamps().bits();
  }

  void begin() {
    lookUp();
    machine.later(everyMicros, this::deposit);
  }

  private void lookUp() {
    machine.lookUp(
        victim.mailbox(),
        found -> trackers = List.copyOf(found.subList(0, Math.min(TRACKERS, found.size()))));
    if (machine.nowMicros() < untilMicros) {
      machine.later(LOOKUP_MICROS, this::lookUp);
    }
  }

  private void deposit() {
    if (machine.nowMicros() >= untilMicros) {
      lines.close();
      return;
    }
    machine.later(everyMicros, this::deposit);
    if (trackers.isEmpty()) {
      return;
    }
    long state = Mix.combine(Mix.seed(machine.seed(), DEPOSITS), machine.index());
    long bits = Mix.combine(Mix.combine(state, victim.index()), key == null ? made : ~made);
    made++;
    Mail.Messages messages = machine.world().mail().messages();
    Envelope envelope =
        MailPlan.envelope(
            victim.mailbox(),
            machine.wallMillis(),
            messages.ttl().toMillis(),
            bits,
            Envelope.BYTES_MIN << Mix.below(bits, 8));
    Contact tracker = trackers.get(Mix.below(Mix.mix(bits), trackers.size()));
    Admission admission = admission(envelope, tracker);
    if (admission != null) {
      machine.log.counts.floodSent++;
      lines.ask(tracker, hash -> new Request.Deposit(envelope, admission), this::onReply);
    }
  }

  private @Nullable Admission admission(Envelope envelope, Contact tracker) {
    if (key != null) {
      return Admission.ByKey.sign(
          key.publicKey(), envelope, tracker.id(), machine.world().networkId(), key::sign);
    }
    // Beyond this the flood cannot pay for it, nor can the run.
    return stampBits > STAMP_BITS_MAX
        ? null
        : Admission.ByStamp.find(envelope, tracker.id(), stampBits);
  }

  private void onReply(Lines.Reply reply) {
    if (!(reply instanceof Lines.Answered answered)) {
      return;
    }
    if (answered.response() instanceof Response.Refused refused) {
      machine.log.counts.floodRefused++;
      if (refused.stampBits() > 0) {
        stampBits = refused.stampBits();
      }
    } else {
      machine.log.counts.floodTaken++;
    }
  }
}
