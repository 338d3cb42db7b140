package org.bytchat.dht.engine;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the service of this node, and what this node asks of the services of others. The
 * node itself does not look into what they tell each other. It sees to it that whoever is answered
 * is where he says: a query needs a token.
 */
final class ServiceCalls {

  private static final byte[] NOTHING = {};

  private final Core core;
  private final PutHandler.Answers answers;
  private final boolean byEndpoint;
  private final PendingShares shares;

  /** What the service has not answered yet; as many as there are shares at the most. */
  private final Set<Asked> pending = new LinkedHashSet<>();

  /** Who asked, and by what the answer is recognised. */
  private record Asked(long transactionId, Endpoint from) {}

  ServiceCalls(Core core, PutHandler.Answers answers) {
    this.core = core;
    this.answers = answers;
    this.byEndpoint = core.config.scope() == Scope.LOCAL;
    this.shares = new PendingShares(core.config.limits().pendingEffectsMax());
  }

  /** Handles a query whose token is good. */
  void handle(Packet query, Endpoint from) {
    Asked asked = new Asked(query.transactionId, from);
    NodeId key = query.key();
    if (key == null) {
      throw new AssertionError("a query for a service without a key is not sound");
    }
    if (query.recordLength > WireLimits.RECORD_BYTES_MAX) {
      refuse(asked, ErrorCode.TOO_BIG, "too long for a service");
      return;
    }
    if (pending.contains(asked)) {
      // Sent again while it is being answered.
      return;
    }
    long source = SourceRateLimiter.keyOf(from, byEndpoint);
    if (!shares.hasRoomFor(source) || !perform(query, key, asked, source)) {
      core.count(Counter.SERVICES_BUSY);
      refuse(asked, ErrorCode.BUSY, "too many queries for the service");
    }
  }

  private boolean perform(Packet query, NodeId key, Asked asked, long source) {
    byte[] carried = query.record();
    byte[] payload = carried == null ? NOTHING : carried;
    Method method = query.method;
    NodeId sender = query.sender();
    boolean started =
        core.perform(
            id -> new Effect.Serve(id, method, key, sender, asked.from, payload),
            (result, now) -> {
              pending.remove(asked);
              shares.remove(source);
              answer(asked, result);
            });
    if (started) {
      pending.add(asked);
      shares.add(source);
    }
    return started;
  }

  private void answer(Asked asked, Effect.Result result) {
    if (result instanceof Effect.Served served
        && served.payload().length <= WireLimits.RECORD_BYTES_MAX) {
      core.count(Counter.SERVED);
      Packet answer = answers.begin(asked.transactionId, asked.from);
      byte[] payload = served.payload();
      if (payload.length > 0) {
        answer.record = payload;
        answer.recordLength = payload.length;
      }
      answers.send(answer, asked.from);
    } else if (result instanceof Effect.Refused refused && isCode(refused.code())) {
      refuse(asked, refused.code(), ascii(refused.text()));
    } else {
      core.count(Counter.SERVICES_FAILED);
      refuse(asked, ErrorCode.GENERIC, "the service failed");
    }
  }

  private static boolean isCode(int code) {
    return code >= 0 && code <= 0xffff;
  }

  private static String ascii(String text) {
    return new String(text.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
  }

  private void refuse(Asked asked, int code, String text) {
    Packet answer = answers.begin(asked.transactionId, asked.from);
    answers.refuse(answer, asked.from, code, text);
  }

  /** What is asked of whom. */
  record Question(Contact to, Method method, NodeId key, byte[] payload) {}

  /** The queries of this node for services of others: each first gets a token, and then asks. */
  static final class Asking {

    private final Operations operations;
    private long nextReference = 1;
    private int underWay;

    Asking(Operations operations) {
      this.operations = operations;
    }

    /** Begins a query; returns what names it, or -1 if too many are under way. */
    long start(Question question, long nowNanos) {
      int length = question.payload.length;
      if (operations.core.isMainline
          || !question.method.isForService()
          || length > WireLimits.RECORD_BYTES_MAX) {
        throw new IllegalArgumentException(
            "no query for a service: " + question.method + " with " + length + " bytes");
      }
      if (underWay >= operations.core.config.lookup().transactionsMax()) {
        return -1;
      }
      underWay++;
      long reference = nextReference++;
      Contact to = question.to;
      Request first = Request.findNode(Request.Purpose.STORE, to.endpoint(), to, question.key);
      first.reply = new ForToken(question, reference);
      operations.ask(first, nowNanos);
      return reference;
    }

    private void ask(Question question, byte[] token, long reference, long nowNanos) {
      Contact to = question.to;
      Request request = new Request(Request.Purpose.STORE, question.method, to.endpoint(), to);
      request.key = question.key;
      request.token = token;
      request.payload = question.payload;
      request.reply = new ForAnswer(reference);
      operations.ask(request, nowNanos);
    }

    private void fail(long reference, int code, String text) {
      end(new EngineEvent.ServiceFailed(reference, code, text));
    }

    private void end(EngineEvent event) {
      underWay--;
      operations.core.emit(event);
    }

    /** Takes the token that the question needs. */
    private final class ForToken implements Request.Reply {

      private final Question question;
      private final long reference;

      ForToken(Question question, long reference) {
        this.question = question;
        this.reference = reference;
      }

      @Override
      public void onAnswer(Packet packet, long nowNanos) {
        if (packet.kind == Kind.ERROR) {
          fail(reference, packet.errorCode, packet.errorText());
        } else if (packet.tokenLength == 0) {
          fail(reference, EngineEvent.ServiceFailed.NO_ANSWER, "it gave no token");
        } else {
          ask(question, packet.token(), reference, nowNanos);
        }
      }

      @Override
      public void onFailure(long nowNanos) {
        fail(reference, EngineEvent.ServiceFailed.NO_ANSWER, "no answer in time");
      }
    }

    /** Takes what the service says. */
    private final class ForAnswer implements Request.Reply {

      private final long reference;

      ForAnswer(long reference) {
        this.reference = reference;
      }

      @Override
      public void onAnswer(Packet packet, long nowNanos) {
        if (packet.kind == Kind.ERROR) {
          fail(reference, packet.errorCode, packet.errorText());
        } else {
          byte @Nullable [] payload = packet.record();
          end(new EngineEvent.ServiceAnswered(reference, payload == null ? NOTHING : payload));
        }
      }

      @Override
      public void onFailure(long nowNanos) {
        fail(reference, EngineEvent.ServiceFailed.NO_ANSWER, "no answer in time");
      }
    }
  }
}
