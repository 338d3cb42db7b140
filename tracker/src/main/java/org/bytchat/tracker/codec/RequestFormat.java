package org.bytchat.tracker.codec;

import java.io.IOException;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/** The names and the arguments of requests. */
final class RequestFormat {

  private static final String INFO = "info";
  private static final String OPEN = "open";
  private static final String DEVICES = "devices";
  private static final String KEYS = "keys";
  private static final String DEPOSIT = "deposit";
  private static final String FETCH = "fetch";
  private static final String ACK = "ack";
  private static final String PROVE = "prove";
  private static final String PEER = "peer";
  private static final String MAILBOXES = "mailboxes";
  private static final String COMPARE = "compare";
  private static final String PULL_OWNER = "pull-owner";
  private static final String PULL = "pull";

  private RequestFormat() {}

  static void write(Request request, FrameWriter out) throws IOException {
    if (request instanceof Request.Info) {
      name(out, INFO);
    } else if (request instanceof Request.Open open) {
      writeOpen(open, name(out, OPEN));
    } else if (request instanceof Request.PutDevices put) {
      name(out, DEVICES)
          .binary(FrameKey.OWNER, put.owner().toBytes())
          .binary(FrameKey.DEVICE_LIST, put.list().toBytes());
    } else if (request instanceof Request.PutDeliveryKeys put) {
      name(out, KEYS).binary(FrameKey.DELIVERY_KEYS, put.keys().toBytes());
    } else if (request instanceof Request.Deposit deposit) {
      name(out, DEPOSIT)
          .binary(FrameKey.ENVELOPE, deposit.envelope().bytes())
          .binary(FrameKey.ADMISSION, deposit.admission().toBytes());
    } else if (request instanceof Request.Fetch fetch) {
      name(out, FETCH)
          .number(FrameKey.CURSOR, fetch.after())
          .number(FrameKey.LIMIT, fetch.limit())
          .number(FrameKey.WAIT_MILLIS, fetch.waitMillis());
    } else if (request instanceof Request.PutAcks put) {
      name(out, ACK).binary(FrameKey.ACKS, put.batch().toBytes());
    } else if (request instanceof Request.Prove prove) {
      name(out, PROVE)
          .binary(FrameKey.MAILBOX, prove.mailbox().toBytes())
          .binary(FrameKey.DIGEST, prove.digest().toBytes());
    } else {
      writeRepair(request, out);
    }
  }

  private static void writeRepair(Request request, FrameWriter out) throws IOException {
    if (request instanceof Request.Peer peer) {
      name(out, PEER)
          .binary(FrameKey.NODE_KEY, peer.publicKey())
          .binary(FrameKey.SIGNATURE, peer.signature());
    } else if (request instanceof Request.ListMailboxes list) {
      NodeId after = list.after();
      name(out, MAILBOXES)
          .optional(FrameKey.MAILBOX, after == null ? null : after.toBytes())
          .number(FrameKey.LIMIT, list.limit());
    } else if (request instanceof Request.Compare compare) {
      name(out, COMPARE)
          .binary(FrameKey.MAILBOX, compare.mailbox().toBytes())
          .binaries(FrameKey.RANGES, compare.ranges().stream().map(DigestRange::toBytes).toList());
    } else if (request instanceof Request.PullOwner pull) {
      name(out, PULL_OWNER).binary(FrameKey.MAILBOX, pull.mailbox().toBytes());
    } else if (request instanceof Request.Pull pull) {
      name(out, PULL)
          .binary(FrameKey.MAILBOX, pull.mailbox().toBytes())
          .binaries(FrameKey.DIGESTS, pull.envelopes().stream().map(Digest::toBytes).toList())
          .binaries(FrameKey.ACK_DIGESTS, pull.acks().stream().map(Digest::toBytes).toList());
    } else {
      throw new AssertionError("a request without a format: " + request.getClass());
    }
  }

  private static FrameWriter name(FrameWriter out, String name) throws IOException {
    return out.text(FrameKey.REQUEST, name);
  }

  private static void writeOpen(Request.Open open, FrameWriter out) throws IOException {
    DeviceList list = open.list();
    out.binary(FrameKey.OWNER, open.owner().toBytes())
        .optional(FrameKey.DEVICE_LIST, list == null ? null : list.toBytes())
        .binary(FrameKey.DEVICE, open.device().toBytes())
        .number(FrameKey.VERSION, open.listVersion())
        .binary(FrameKey.SIGNATURE, open.signature());
  }

  static Request read(FrameFields in, SignatureScheme ed25519) throws BadFrame {
    return switch (in.text(FrameKey.REQUEST)) {
      case INFO -> new Request.Info();
      case OPEN ->
          new Request.Open(
              in.value(FrameKey.OWNER, bytes -> Owner.parse(bytes, ed25519)),
              in.optional(FrameKey.DEVICE_LIST, DeviceList::parse),
              DeviceId.of(in.binary(FrameKey.DEVICE)),
              in.number(FrameKey.VERSION),
              in.binary(FrameKey.SIGNATURE));
      case DEVICES ->
          new Request.PutDevices(
              in.value(FrameKey.OWNER, bytes -> Owner.parse(bytes, ed25519)),
              in.value(FrameKey.DEVICE_LIST, DeviceList::parse));
      case KEYS ->
          new Request.PutDeliveryKeys(in.value(FrameKey.DELIVERY_KEYS, DeliveryKeys::parse));
      case DEPOSIT ->
          new Request.Deposit(
              in.value(FrameKey.ENVELOPE, Envelope::parse),
              in.value(FrameKey.ADMISSION, Admission::parse));
      case FETCH ->
          new Request.Fetch(
              in.number(FrameKey.CURSOR),
              Math.toIntExact(in.number(FrameKey.LIMIT)),
              in.number(FrameKey.WAIT_MILLIS));
      case ACK -> new Request.PutAcks(in.value(FrameKey.ACKS, AckBatch::parse));
      case PROVE ->
          new Request.Prove(
              NodeId.read(in.binary(FrameKey.MAILBOX), 0), Digest.of(in.binary(FrameKey.DIGEST)));
      default -> readRepair(in);
    };
  }

  private static Request readRepair(FrameFields in) throws BadFrame {
    return switch (in.text(FrameKey.REQUEST)) {
      case PEER -> new Request.Peer(in.binary(FrameKey.NODE_KEY), in.binary(FrameKey.SIGNATURE));
      case MAILBOXES ->
          new Request.ListMailboxes(
              in.optional(FrameKey.MAILBOX, RequestFormat::nodeId),
              Math.toIntExact(in.number(FrameKey.LIMIT)));
      case COMPARE ->
          new Request.Compare(
              NodeId.read(in.binary(FrameKey.MAILBOX), 0),
              in.values(FrameKey.RANGES, DigestRange::parse));
      case PULL_OWNER -> new Request.PullOwner(NodeId.read(in.binary(FrameKey.MAILBOX), 0));
      case PULL ->
          new Request.Pull(
              NodeId.read(in.binary(FrameKey.MAILBOX), 0),
              in.values(FrameKey.DIGESTS, RequestFormat::digest),
              in.values(FrameKey.ACK_DIGESTS, RequestFormat::digest));
      default -> throw new BadFrame("no request has this name");
    };
  }

  static Parsed<NodeId> nodeId(byte[] bytes) {
    return FieldReader.parse(bytes, FieldReader::nodeId);
  }

  private static Parsed<Digest> digest(byte[] bytes) {
    return FieldReader.parse(bytes, fields -> Digest.of(fields.bytes(Digest.BYTES)));
  }
}
