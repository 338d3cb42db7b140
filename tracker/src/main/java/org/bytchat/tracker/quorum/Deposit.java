package org.bytchat.tracker.quorum;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.OutboxEvent.Attempt.Kind;
import org.jspecify.annotations.Nullable;

/** The deposit of one parcel at one tracker: tried until there is a receipt, or it is stopped. */
final class Deposit {

  /** Who asks for a harder stamp again and again is not worth more work at once. */
  private static final int STAMP_TRIES = 3;

  /** A tracker that answers wrongly has a long wait. */
  private static final int INVALID_FAILURES = 6;

  private final OutboxTools tools;
  private final OutboxParcel parcel;
  private final Desk.Alarm retry = new Desk.Alarm(this::begin);

  /** Where; a later lookup may find the same tracker elsewhere. */
  Contact tracker;

  private @Nullable Admission admission;

  /** A receipt that could not be verified yet, for a fault here. */
  private @Nullable Receipt unverified;

  private int unverifiedCount;
  private int stampBits;
  private int stampTries;
  private int failures;
  private boolean isWanted;
  private boolean isUnderWay;
  private boolean isDone;

  Deposit(OutboxTools tools, OutboxParcel parcel, Contact tracker) {
    this.tools = tools;
    this.parcel = parcel;
    this.tracker = tracker;
    this.stampBits = tools.desk().config.outbox().stampBits();
  }

  boolean isFailing() {
    return failures > 0 && !isDone;
  }

  boolean isDone() {
    return isDone;
  }

  boolean isUnderWay() {
    return isUnderWay;
  }

  /** There is a receipt, from before a restart. */
  void setDone() {
    isDone = true;
  }

  /** The tracker does not know any more what it gave a receipt for. */
  void onForgotten() {
    isDone = false;
    failures++;
    if (isWanted) {
      retryAfter(failures);
    }
  }

  /** Has it deposited here, now and on. */
  void want() {
    if (!isWanted) {
      isWanted = true;
      if (!isDone && !isUnderWay && !retry.isSet()) {
        begin();
      }
    }
  }

  /** Has nothing more begun. */
  void stop() {
    isWanted = false;
    tools.desk().cancel(retry);
  }

  private boolean isNeeded() {
    return isWanted && !isDone && !parcel.isEnded();
  }

  private void begin() {
    isUnderWay = true;
    Receipt waiting = unverified;
    if (waiting != null) {
      verify(waiting);
    } else if (admission != null) {
      send();
    } else if (parcel.parcel.deliveryKey() == null) {
      tools.stamps().take(tracker.id(), () -> admit(true));
    } else {
      admit(false);
    }
  }

  private void end() {
    isUnderWay = false;
  }

  private void admit(boolean isStamp) {
    if (!isNeeded()) {
      end();
      releaseStamp(isStamp);
      return;
    }
    int bits = isStamp ? stampBits : 0;
    tools
        .desk()
        .perform(
            id ->
                new QuorumEffect.Admit(
                    id, tracker, parcel.parcel.envelope(), parcel.parcel.deliveryKey(), bits),
            result -> {
              releaseStamp(isStamp);
              if (result instanceof QuorumEffect.Admitted admitted) {
                admission = admitted.admission();
                send();
              } else {
                fail(Kind.NO_ADMISSION, Desk.lostText(result));
              }
            });
  }

  private void releaseStamp(boolean isStamp) {
    if (isStamp) {
      tools.stamps().release(tracker.id());
    }
  }

  private void send() {
    tools
        .asks()
        .take(
            tracker.id(),
            () -> {
              Admission with = admission;
              if (!isNeeded() || with == null) {
                end();
                tools.asks().release(tracker.id());
                return;
              }
              tools
                  .desk()
                  .ask(
                      tracker,
                      new Request.Deposit(parcel.parcel.envelope(), with),
                      result -> {
                        tools.asks().release(tracker.id());
                        onResult(result);
                      });
            });
  }

  private void onResult(QuorumEffect.Result result) {
    Response response = Desk.response(result);
    if (response instanceof Response.Receipts receipts) {
      check(receipts.deposit());
    } else if (response instanceof Response.Refused refused) {
      onRefused(refused);
    } else if (response != null) {
      onInvalid("it answered something else");
    } else {
      fail(Kind.LOST, Desk.lostText(result));
    }
  }

  private void check(Receipt receipt) {
    Receipt.Content content = receipt.content();
    if (content.kind() != Receipt.Kind.DEPOSIT
        || !content.mailbox().equals(parcel.recipient.mailbox)
        || !content.digest().equals(parcel.digest)
        || content.expiresMillis() != parcel.parcel.envelope().expiresMillis()) {
      onInvalid("the receipt is for something else");
    } else if (!receipt.tracker().equals(tracker.id())) {
      onInvalid("the receipt is another tracker's");
    } else {
      verify(receipt);
    }
  }

  private void verify(Receipt receipt) {
    Receipt.Content content = receipt.content();
    tools
        .desk()
        .verify(
            receipt.trackerKey(),
            content.statement(tools.desk().networkId),
            receipt.signature(),
            verdict -> {
              unverified = null;
              switch (verdict) {
                case GOOD -> onReceipt(receipt);
                case BAD -> onInvalid("the receipt is forged");
                case NOT_PERFORMED -> verifyLater(receipt);
              }
            });
  }

  /** The tracker has done its part: it does not fail, and nobody else is to take its place. */
  private void verifyLater(Receipt receipt) {
    end();
    unverified = receipt;
    unverifiedCount++;
    if (isNeeded()) {
      retryAfter(unverifiedCount);
    }
  }

  private void onReceipt(Receipt receipt) {
    end();
    if (parcel.isEnded()) {
      return;
    }
    isDone = true;
    failures = 0;
    unverifiedCount = 0;
    tell(Kind.RECEIPT, "");
    parcel.onReceipt(receipt);
  }

  private void onRefused(Response.Refused refused) {
    switch (refused.refusal()) {
      case STAMP -> onHarderStamp(refused);
      case NOT_ADMITTED -> fail(Kind.NOT_ADMITTED, refused.text());
      case BAD_SIGNATURE -> {
        // Perhaps it was made wrongly; the next is another. A stamp would be found again as it is.
        if (admission instanceof Admission.ByKey) {
          admission = null;
        }
        fail(Kind.REFUSED, text(refused));
      }
      case MALFORMED,
          BUSY,
          NO_LIST,
          NOT_LISTED,
          OLDER,
          FORK,
          BROKEN_CHAIN,
          NOT_OPEN,
          RATE,
          QUOTA,
          TIME,
          STORE,
          NOT_NEAR ->
          fail(Kind.REFUSED, text(refused));
    }
  }

  private static String text(Response.Refused refused) {
    Refusal refusal = refused.refusal();
    return refused.text().isEmpty() ? refusal.toString() : refusal + ": " + refused.text();
  }

  private void onHarderStamp(Response.Refused refused) {
    int asked = refused.stampBits();
    if (parcel.parcel.deliveryKey() != null || asked <= stampBits) {
      onInvalid("it asks for a stamp that it has");
    } else if (asked > tools.desk().config.outbox().stampBitsMax()) {
      // Perhaps it asks for less later; what was worked for is kept till then.
      fail(Kind.STAMP, "it asks for " + asked + " bits");
    } else {
      stampBits = asked;
      admission = null;
      stampTries++;
      if (stampTries % STAMP_TRIES == 0) {
        fail(Kind.STAMP, "it asks for " + asked + " bits, more and more");
      } else if (isNeeded()) {
        begin();
      } else {
        end();
      }
    }
  }

  private void onInvalid(String text) {
    tools.desk().count(QuorumCounter.INVALID);
    failures = Math.max(failures, INVALID_FAILURES);
    fail(Kind.INVALID, text);
  }

  private void fail(Kind kind, String text) {
    end();
    if (parcel.isEnded()) {
      return;
    }
    failures++;
    tell(kind, text);
    if (isWanted) {
      retryAfter(failures);
    }
    parcel.onFailure(tracker.id(), kind);
  }

  private void retryAfter(int times) {
    QuorumConfig.OutboxTimes waits = tools.desk().config.outboxTimes();
    tools.desk().set(retry, tools.desk().backoff(times, waits.retryMin(), waits.retryMax()));
  }

  private void tell(Kind kind, String text) {
    tools
        .desk()
        .tell(
            new OutboxEvent.Tried(
                parcel.digest, tracker.id(), new OutboxEvent.Attempt(kind, text)));
  }
}
