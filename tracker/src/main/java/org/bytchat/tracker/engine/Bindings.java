package org.bytchat.tracker.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.wire.Parsed;
import org.jspecify.annotations.Nullable;

/**
 * Knows where devices are: each says so itself, and again before half an hour is over.
 *
 * <p>Of one device the statement with the newest nonce counts. Its time is that of the tracker when
 * it was asked for, so that nobody can say that theirs is newer than it is; the time in a statement
 * may be a minute ahead.
 */
final class Bindings {

  private static final long SECOND_NANOS = 1_000_000_000L;

  /** How long a nonce is good, and how far a signed time may be off. */
  private static final long WINDOW_NANOS = 60 * SECOND_NANOS;

  private static final long BOUND_NANOS = 30 * 60 * SECOND_NANOS;
  private static final int MAC_BYTES = 8;

  private final Desk desk;
  private final Mailboxes mailboxes;
  private final Owners owners;
  private final byte[] secret;
  private final Map<NodeId, Map<DeviceId, Binding>> byMailbox = new LinkedHashMap<>();
  private final DeadlineQueue<Binding> ends = new DeadlineQueue<>();

  /** Where a device is. */
  private static final class Binding extends Timed {
    final NodeId mailbox;
    final DeviceId device;
    final Endpoint endpoint;

    /** When its nonce was given: no statement with an older one counts any more. */
    final long nonceNanos;

    final long untilMillis;

    /** Where it was bound before, if from elsewhere. */
    private final BindingAnswer.@Nullable Place elsewhere;

    Binding(Ask ask, DeviceId device, long untilMillis, BindingAnswer.@Nullable Place elsewhere) {
      this.mailbox = ask.mailbox;
      this.device = device;
      this.endpoint = ask.from;
      this.nonceNanos = nonceNanos(ask.shown.nonce());
      this.untilMillis = untilMillis;
      this.elsewhere = elsewhere;
    }

    /** Returns where it was bound before, null if from nowhere else, or if that has ended. */
    BindingAnswer.@Nullable Place elsewhere(long wallMillis) {
      return elsewhere == null || elsewhere.untilMillis() <= wallMillis ? null : elsewhere;
    }

    BindingAnswer.Place place() {
      return new BindingAnswer.Place(device, endpoint, untilMillis);
    }
  }

  /** A query that is being worked on. */
  private record Ask(
      NodeId mailbox, Endpoint from, BindingQuery.Shown shown, Consumer<BindingAnswer> answer) {

    void refuse(Refusal refusal) {
      answer.accept(new BindingAnswer.Refused(refusal));
    }
  }

  Bindings(Desk desk, Mailboxes mailboxes, Owners owners, byte[] secret) {
    this.desk = desk;
    this.mailboxes = mailboxes;
    this.owners = owners;
    this.secret = secret.clone();
  }

  int count() {
    return ends.size();
  }

  long nextNanos() {
    return ends.nextNanos();
  }

  /** Tells whether a device of a mailbox is bound. */
  boolean isBound(NodeId mailbox) {
    return byMailbox.containsKey(mailbox);
  }

  void handle(TrackerEngine.Query asked, Consumer<BindingAnswer> answer) {
    boolean isBind = asked.isBind();
    NodeId mailbox = asked.mailbox();
    Endpoint from = asked.from();
    Parsed<BindingQuery> parsed = BindingQuery.parse(asked.payload());
    BindingQuery query = parsed.toOptional().orElse(null);
    if (query instanceof BindingQuery.AskNonce) {
      answer.accept(
          new BindingAnswer.Nonce(nonce(desk.nowNanos, mailbox, from), desk.wallMillis(), from));
    } else if (isBind && query instanceof BindingQuery.Bind bind) {
      begin(new Ask(mailbox, from, bind.shown(), answer), (ask, box) -> bind(ask, bind, box));
    } else if (!isBind && query instanceof BindingQuery.FindAsDevice find) {
      begin(new Ask(mailbox, from, find.shown(), answer), (ask, box) -> find(ask, find, box));
    } else if (!isBind && query instanceof BindingQuery.FindAsContact find) {
      begin(new Ask(mailbox, from, find.shown(), answer), (ask, box) -> find(ask, find, box));
    } else {
      answer.accept(new BindingAnswer.Refused(Refusal.MALFORMED));
    }
  }

  /** Something to do with a mailbox for somebody who asks. */
  @FunctionalInterface
  private interface Step {
    void run(Ask ask, Mailbox mailbox);
  }

  /** Checks what needs no key, and goes on with the mailbox. */
  private void begin(Ask ask, Step step) {
    long offMillis = Math.abs(ask.shown.atMillis() - desk.wallMillis());
    if (!isNonce(ask.shown.nonce(), ask)) {
      ask.refuse(Refusal.BAD_SIGNATURE);
    } else if (offMillis > WINDOW_NANOS / 1_000_000) {
      ask.refuse(Refusal.TIME);
    } else {
      with(ask, mailbox -> step.run(ask, mailbox));
    }
  }

  private void with(Ask ask, Owners.Step step) {
    mailboxes.with(
        ask.mailbox,
        new Mailboxes.Work() {
          @Override
          public void run(Mailbox mailbox) {
            step.run(mailbox);
          }

          @Override
          public void fail(Refusal refusal, String text) {
            ask.refuse(refusal);
          }
        });
  }

  /** A nonce has its time and a code of it, so that none has to be remembered. */
  private byte[] nonce(long atNanos, NodeId mailbox, Endpoint from) {
    byte[] endpoint = new byte[from.family().endpointBytes()];
    from.write(endpoint, 0);
    byte[] time = ByteBuffer.allocate(Long.BYTES).putLong(atNanos).array();
    byte[] code = Digest.sha256(secret, time, mailbox.toBytes(), endpoint).toBytes();
    return ByteBuffer.allocate(BindingQuery.NONCE_BYTES).put(time).put(code, 0, MAC_BYTES).array();
  }

  private static long nonceNanos(byte[] nonce) {
    return ByteBuffer.wrap(nonce).getLong();
  }

  private boolean isNonce(byte[] nonce, Ask ask) {
    long atNanos = nonceNanos(nonce);
    long age = desk.nowNanos - atNanos;
    return age >= 0
        && age <= WINDOW_NANOS
        && Arrays.equals(nonce, nonce(atNanos, ask.mailbox, ask.from));
  }

  private DeviceStatements.Scene scene(Ask ask) {
    return new DeviceStatements.Scene(desk.networkId, desk.tracker, ask.mailbox);
  }

  private static DeviceStatements.Asker asker(Ask ask, byte[] subject) {
    return new DeviceStatements.Asker(subject, ask.shown.nonce(), ask.from, ask.shown.atMillis());
  }

  private void bind(Ask ask, BindingQuery.Bind query, Mailbox mailbox) {
    DeviceList list = mailbox.list;
    Device device = mailbox.listed(query.device());
    Binding held = binding(ask.mailbox, query.device());
    if (list == null || list.version() < query.listVersion()) {
      ask.refuse(Refusal.NO_LIST);
    } else if (device == null) {
      ask.refuse(Refusal.NOT_LISTED);
    } else if (held != null && isOlder(ask, held)) {
      ask.refuse(Refusal.OLDER);
    } else if (held == null && ends.size() >= desk.config.load().bindingsMax()) {
      desk.count(TrackerCounter.REFUSED_BINDINGS);
      ask.refuse(Refusal.QUOTA);
    } else if (!desk.hasRoomFor(1)) {
      ask.refuse(Refusal.BUSY);
    } else {
      byte[] statement =
          DeviceStatements.bind(
              scene(ask), asker(ask, query.device().toBytes()), query.listVersion());
      Owners.Witness witness = owners.witness(mailbox);
      desk.verify(
          device.signingKey(),
          statement,
          ask.shown.signature(),
          verdict -> onVerified(ask, verdict, now -> bound(ask, query, now, witness)));
    }
  }

  /** Tells whether something that counts was said later, or at once from elsewhere. */
  private static boolean isOlder(Ask ask, Binding held) {
    long sinceNanos = nonceNanos(ask.shown.nonce()) - held.nonceNanos;
    return sinceNanos < 0 || (sinceNanos == 0 && !ask.from.equals(held.endpoint));
  }

  private void onVerified(Ask ask, Desk.Verdict verdict, Owners.Step next) {
    if (verdict.isGood()) {
      with(ask, next);
    } else {
      ask.refuse(verdict.refusal());
    }
  }

  private void bound(Ask ask, BindingQuery.Bind query, Mailbox mailbox, Owners.Witness witness) {
    Binding held = binding(ask.mailbox, query.device());
    if (mailbox.listed(query.device()) == null) {
      ask.refuse(Refusal.NOT_LISTED);
      return;
    }
    if (held != null && isOlder(ask, held)) {
      ask.refuse(Refusal.OLDER);
      return;
    }
    if (held != null && nonceNanos(ask.shown.nonce()) == held.nonceNanos) {
      // The answer was lost, or somebody has recorded the query: nothing is said anew.
      ask.answer.accept(
          new BindingAnswer.Bound(held.untilMillis, held.elsewhere(desk.wallMillis())));
      return;
    }
    BindingAnswer.Place elsewhere = null;
    if (held != null) {
      elsewhere = ask.from.equals(held.endpoint) ? held.elsewhere(desk.wallMillis()) : held.place();
      ends.cancel(held);
    }
    long untilMillis = desk.wallMillis() + BOUND_NANOS / 1_000_000;
    Binding made = new Binding(ask, query.device(), untilMillis, elsewhere);
    byMailbox
        .computeIfAbsent(ask.mailbox, unused -> new LinkedHashMap<>())
        .put(query.device(), made);
    ends.schedule(made, desk.nowNanos + BOUND_NANOS);
    owners.confirm(mailbox, witness, query.listVersion());
    owners.touch(mailbox);
    ask.answer.accept(new BindingAnswer.Bound(untilMillis, elsewhere));
  }

  private @Nullable Binding binding(NodeId mailbox, DeviceId device) {
    Map<DeviceId, Binding> bindings = byMailbox.get(mailbox);
    return bindings == null ? null : bindings.get(device);
  }

  private void find(Ask ask, BindingQuery.FindAsDevice query, Mailbox mailbox) {
    Device device = mailbox.listed(query.device());
    if (device == null) {
      ask.refuse(mailbox.list == null ? Refusal.NO_LIST : Refusal.NOT_LISTED);
    } else {
      find(ask, query.device().toBytes(), device.signingKey());
    }
  }

  private void find(Ask ask, BindingQuery.FindAsContact query, Mailbox mailbox) {
    DeliveryKeys keys = mailbox.validKeys();
    if (keys == null || keys.key(query.deliveryKey()).isEmpty()) {
      ask.refuse(Refusal.NOT_ADMITTED);
    } else {
      find(ask, query.deliveryKey(), query.deliveryKey());
    }
  }

  private void find(Ask ask, byte[] subject, byte[] key) {
    if (!desk.hasRoomFor(1)) {
      ask.refuse(Refusal.BUSY);
      return;
    }
    byte[] statement = DeviceStatements.find(scene(ask), asker(ask, subject));
    desk.verify(
        key,
        statement,
        ask.shown.signature(),
        verdict -> onVerified(ask, verdict, mailbox -> answer(ask, mailbox)));
  }

  /** Names the bound devices that are listed still. */
  private void answer(Ask ask, Mailbox mailbox) {
    DeviceList list = mailbox.list;
    Map<DeviceId, Binding> bindings = byMailbox.get(ask.mailbox);
    List<BindingAnswer.Place> places = new ArrayList<>();
    for (DeviceId device : bindings == null ? List.<DeviceId>of() : bindings.keySet()) {
      Binding binding = binding(ask.mailbox, device);
      if (binding != null && mailbox.listed(device) != null) {
        places.add(binding.place());
      }
    }
    ask.answer.accept(new BindingAnswer.Devices(list == null ? 0 : list.version(), places));
  }

  void handleTimeout() {
    Binding due = ends.pollDue(desk.nowNanos);
    while (due != null) {
      Map<DeviceId, Binding> bindings = byMailbox.get(due.mailbox);
      if (bindings != null && bindings.remove(due.device, due) && bindings.isEmpty()) {
        byMailbox.remove(due.mailbox);
      }
      due = ends.pollDue(desk.nowNanos);
    }
  }
}
