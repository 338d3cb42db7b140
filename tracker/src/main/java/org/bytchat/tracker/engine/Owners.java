package org.bytchat.tracker.engine;

import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.jspecify.annotations.Nullable;

/** Whose a mailbox is: device lists, delivery keys, and devices that show themselves. */
final class Owners {

  private final Desk desk;
  private final Mailboxes mailboxes;
  private final Listener listener;

  /** Hears of what may decide anew which envelopes may go. */
  interface Listener {

    /** A list was taken or confirmed. */
    void onListChanged(Mailbox mailbox);

    /** A list was seen that cannot be of one history with the one held. */
    void onFork(Mailbox mailbox);
  }

  Owners(Desk desk, Mailboxes mailboxes, Listener listener) {
    this.desk = desk;
    this.mailboxes = mailboxes;
    this.listener = listener;
  }

  /** Does something with a mailbox, or refuses a call. */
  abstract static class CallWork implements Mailboxes.Work {
    private final Call call;

    CallWork(Call call) {
      this.call = call;
    }

    @Override
    public void fail(Refusal refusal, String text) {
      call.refuse(refusal, text);
    }
  }

  /** Something to do with a mailbox. */
  @FunctionalInterface
  interface Step {
    void run(Mailbox mailbox);
  }

  /** Goes on with a mailbox, or refuses the call. */
  void with(NodeId key, Call call, Step step) {
    mailboxes.with(
        key,
        new CallWork(call) {
          @Override
          public void run(Mailbox mailbox) {
            step.run(mailbox);
          }
        });
  }

  /** Answers a call when a commit is durable, or refuses it. */
  Mailboxes.Outcome then(Call call, Runnable next) {
    return new Mailboxes.Outcome() {
      @Override
      public void onCommitted() {
        next.run();
      }

      @Override
      public void onFailed(StoreException.Reason reason) {
        call.refuse(Refusal.STORE, "it could not be written: " + reason);
      }
    };
  }

  void open(Call call, Request.Open request) {
    NodeId key = request.owner().mailbox();
    with(
        key,
        call,
        mailbox -> {
          // Before the list is taken: what comes meanwhile is later than what the device says.
          Witness witness = witness(mailbox);
          DeviceList list = request.list();
          if (list == null) {
            checkDevice(call, request, mailbox, witness);
          } else {
            Runnable next = () -> with(key, call, now -> checkDevice(call, request, now, witness));
            take(call, request.owner(), list, true, next);
          }
        });
  }

  private void checkDevice(Call call, Request.Open request, Mailbox mailbox, Witness witness) {
    DeviceList list = mailbox.list;
    if (list == null || list.version() < request.listVersion()) {
      call.refuse(Refusal.NO_LIST, "version " + request.listVersion() + " of the list is not here");
      return;
    }
    Device device = mailbox.listed(request.device());
    if (device == null) {
      call.answer(new Response.Refused(Refusal.NOT_LISTED, "no such device", list, 0));
      return;
    }
    DeviceStatements.Scene scene =
        new DeviceStatements.Scene(desk.networkId, desk.tracker, mailbox.key);
    byte[] statement =
        DeviceStatements.session(
            scene, request.device(), request.listVersion(), call.session.handshakeHash);
    desk.verify(
        device.signingKey(),
        statement,
        request.signature(),
        verdict -> {
          if (verdict.isGood()) {
            with(mailbox.key, call, now -> admit(call, request, now, witness));
          } else {
            call.refuse(verdict, "the session's signature is not the device's");
          }
        });
  }

  private void admit(Call call, Request.Open request, Mailbox mailbox, Witness witness) {
    DeviceList list = mailbox.list;
    if (list == null || mailbox.listed(request.device()) == null) {
      call.answer(new Response.Refused(Refusal.NOT_LISTED, "no such device", list, 0));
      return;
    }
    call.session.mailbox = mailbox.key;
    call.session.device = request.device();
    call.session.toldFork = mailbox.fork;
    confirm(mailbox, witness, request.listVersion());
    touch(mailbox);
    call.answer(new Response.Opened(list.version(), mailbox.fork));
  }

  /**
   * A mailbox at the moment of which somebody is asked for the newest list: the answer says nothing
   * of envelopes that come later.
   */
  record Witness(Mailbox mailbox, long sequence, long atNanos) {}

  Witness witness(Mailbox mailbox) {
    return new Witness(mailbox, mailbox.nextSequence(), desk.nowNanos);
  }

  /** Notes that a version of the list was the newest, if it is the one held. */
  void confirm(Mailbox mailbox, Witness witness, long version) {
    DeviceList list = mailbox.list;
    // In a mailbox that was read again, sequences may have been given again; but none is below 1.
    if (list == null
        || list.version() != version
        || (witness.mailbox != mailbox && witness.sequence > 1)) {
      return;
    }
    boolean isRoom = desk.hasRoomFor(1);
    if (mailbox.confirm(version, witness.sequence, witness.atNanos, isRoom)) {
      StoredMailbox.Confirmation confirmation =
          new StoredMailbox.Confirmation(version, witness.sequence, desk.wallMillis());
      mailboxes.commit(
          mailbox, List.of(new Change.PutConfirmation(mailbox.key, confirmation)), IGNORED);
    }
    listener.onListChanged(mailbox);
  }

  /** Notes that a device of the owner was here. */
  void touch(Mailbox mailbox) {
    if (desk.hasRoomFor(1)) {
      mailbox
          .touch(desk.wallMillis())
          .ifPresent(touch -> mailboxes.commit(mailbox, List.of(touch), IGNORED));
    }
  }

  private static final Mailboxes.Outcome IGNORED =
      new Mailboxes.Outcome() {
        @Override
        public void onCommitted() {}

        @Override
        public void onFailed(StoreException.Reason reason) {}
      };

  void putDevices(Call call, Request.PutDevices request) {
    take(
        call,
        request.owner(),
        request.list(),
        false,
        () -> call.answer(new Response.Taken(request.list().version())));
  }

  /**
   * Takes a device list if it is newer than the one held, and goes on when it is held.
   *
   * @param forgiving whether to go on also if a newer one is held
   */
  private void take(Call call, Owner owner, DeviceList list, boolean forgiving, Runnable next) {
    with(
        owner.mailbox(),
        call,
        mailbox -> {
          DeviceList.Standing standing = standing(list, mailbox);
          if (standing == DeviceList.Standing.SAME) {
            whenDurable(call, mailbox, next);
          } else if (standing == DeviceList.Standing.OLDER && forgiving) {
            next.run();
          } else if (standing == DeviceList.Standing.OLDER) {
            refuse(call, standing, mailbox);
          } else if (standing.isContradiction()
              && mailbox.fork != null
              && list.equals(mailbox.fork)) {
            // It was verified when it was kept as evidence.
            noteFork(mailbox, list);
            refuse(call, standing, mailbox);
          } else if (standing.isContradiction() || mayTake(call, mailbox)) {
            desk.perform(
                id -> new TrackerEffect.VerifyList(id, owner, list, desk.networkId),
                result ->
                    desk.judge(
                        result,
                        verdict -> onVerified(call, new Offer(owner, list), verdict, next)));
          }
        });
  }

  /**
   * Tells whether a newer list may be written now, and refuses it if not. That of a mailbox which
   * exists always may: it replaces another, and no neighbour is to keep a device from being
   * revoked.
   */
  private boolean mayTake(Call call, Mailbox mailbox) {
    if (!mailboxes.mayWrite(mailbox)) {
      call.refuse(Refusal.QUOTA, "the tracker has too many mailboxes");
      return false;
    }
    return mailbox.isBegun || (call.mayWrite() && call.mayBegin());
  }

  /** A device list that somebody sent. */
  private record Offer(Owner owner, DeviceList list) {}

  private static DeviceList.Standing standing(DeviceList list, Mailbox mailbox) {
    DeviceList held = mailbox.list;
    return held == null ? DeviceList.Standing.NEWER : list.standing(held);
  }

  private void onVerified(Call call, Offer offer, Desk.Verdict verdict, Runnable next) {
    if (!verdict.isGood()) {
      call.refuse(verdict, "the list is not signed by its owner");
      return;
    }
    with(
        offer.owner.mailbox(),
        call,
        mailbox -> {
          DeviceList.Standing standing = standing(offer.list, mailbox);
          switch (standing) {
            case NEWER -> {
              if (!mayTake(call, mailbox)) {
                return;
              }
              boolean isFirst = !mailbox.isBegun;
              List<Change> changes = adopt(mailbox, offer.owner, offer.list, call.usedMillis());
              Runnable taken =
                  () -> {
                    call.chargeWrite(offer.list.toBytes().length);
                    if (isFirst) {
                      call.chargeMailbox();
                    }
                    listener.onListChanged(mailbox);
                    next.run();
                  };
              mailboxes.commit(mailbox, changes, then(call, taken));
            }
            case SAME -> whenDurable(call, mailbox, next);
            case FORK, BROKEN_CHAIN -> {
              noteFork(mailbox, offer.list);
              refuse(call, standing, mailbox);
            }
            case OLDER -> refuse(call, standing, mailbox);
          }
        });
  }

  /**
   * Takes a list up, and returns what is to be written.
   *
   * @param usedMillis when the mailbox was used, milliseconds since 1970
   */
  List<Change> adopt(Mailbox mailbox, Owner owner, DeviceList list, long usedMillis) {
    mailbox.adopt(owner, list);
    mailbox.touchedMillis = Math.max(mailbox.touchedMillis, usedMillis);
    return parts(mailbox, owner, list);
  }

  /** Always all: the commit of the list before may fail yet. */
  private static List<Change> parts(Mailbox mailbox, Owner owner, DeviceList list) {
    return List.of(
        new Change.PutPart(mailbox.key, Part.OWNER, owner.toBytes()),
        new Change.PutPart(mailbox.key, Part.DEVICES, list.toBytes()),
        new Change.Touch(mailbox.key, mailbox.touchedMillis));
  }

  /** Goes on when the list held is on disk for certain. */
  private void whenDurable(Call call, Mailbox mailbox, Runnable next) {
    Owner owner = mailbox.owner;
    DeviceList list = mailbox.list;
    if (mailbox.commitsUnderWay == 0 || owner == null || list == null) {
      next.run();
    } else {
      Runnable written =
          () -> {
            call.chargeWrite(list.toBytes().length);
            next.run();
          };
      mailboxes.commit(mailbox, parts(mailbox, owner, list), then(call, written));
    }
  }

  /**
   * Keeps a verified list that cannot be of one history with the one held, as evidence against its
   * owner's key. The first is kept: only who has the key can make one, and once is enough, until
   * the owner has gone on from it.
   */
  void noteFork(Mailbox mailbox, DeviceList list) {
    desk.count(TrackerCounter.FORKS);
    DeviceList kept = mailbox.fork;
    DeviceList held = mailbox.list;
    boolean isNews = kept == null || (held != null && kept.version() < held.version());
    if (isNews && desk.hasRoomFor(1)) {
      mailbox.fork = list;
      Change change = new Change.PutPart(mailbox.key, Part.FORK, list.toBytes());
      mailboxes.commit(mailbox, List.of(change), IGNORED);
      listener.onFork(mailbox);
    }
  }

  private static void refuse(Call call, DeviceList.Standing standing, Mailbox mailbox) {
    Refusal refusal =
        switch (standing) {
          case FORK -> Refusal.FORK;
          case BROKEN_CHAIN -> Refusal.BROKEN_CHAIN;
          case OLDER, NEWER, SAME -> Refusal.OLDER;
        };
    @Nullable DeviceList held = mailbox.list;
    String text = held == null ? "" : "version " + held.version() + " is held";
    call.answer(new Response.Refused(refusal, text, held, 0));
  }

  void putKeys(Call call, Request.PutDeliveryKeys request) {
    DeliveryKeys keys = request.keys();
    with(
        keys.content().mailbox(),
        call,
        mailbox -> {
          if (isSettled(call, keys, mailbox) || !call.mayWrite()) {
            return;
          }
          Device device = mailbox.listed(keys.content().device());
          if (device == null) {
            throw new AssertionError("refused before");
          }
          desk.verify(
              device.signingKey(),
              keys.statement(desk.networkId),
              keys.signature(),
              verdict -> onVerified(call, keys, verdict));
        });
  }

  /** Answers what needs no signature: lists that are not taken, or are held already. */
  private boolean isSettled(Call call, DeliveryKeys keys, Mailbox mailbox) {
    DeviceList list = mailbox.list;
    DeliveryKeys held = mailbox.validKeys();
    if (list == null) {
      call.refuse(Refusal.NO_LIST, "there is no device list");
    } else if (held != null
        && held.content().equals(keys.content())
        && mailbox.commitsUnderWay > 0) {
      // It may not be durable yet.
      if (call.mayWrite()) {
        write(call, held, mailbox);
      }
    } else if (held != null && held.content().equals(keys.content())) {
      call.answer(new Response.Taken(held.content().version()));
    } else if (held != null && !keys.supersedes(held)) {
      call.refuse(Refusal.OLDER, "version " + held.content().version() + " is held");
    } else if (mailbox.listed(keys.content().device()) == null) {
      call.answer(new Response.Refused(Refusal.NOT_LISTED, "no such device", list, 0));
    } else {
      return false;
    }
    return true;
  }

  private void onVerified(Call call, DeliveryKeys keys, Desk.Verdict verdict) {
    if (!verdict.isGood()) {
      call.refuse(verdict, "the list of keys is not signed by its device");
      return;
    }
    with(
        keys.content().mailbox(),
        call,
        mailbox -> {
          if (isSettled(call, keys, mailbox) || !call.mayWrite()) {
            return;
          }
          mailbox.deliveryKeys = keys;
          mailbox.pruneKeyUses();
          write(call, keys, mailbox);
        });
  }

  private void write(Call call, DeliveryKeys keys, Mailbox mailbox) {
    mailboxes.commit(
        mailbox,
        List.of(new Change.PutPart(mailbox.key, Part.DELIVERY_KEYS, keys.toBytes())),
        then(
            call,
            () -> {
              call.chargeWrite(keys.toBytes().length);
              call.answer(new Response.Taken(keys.content().version()));
            }));
  }
}
