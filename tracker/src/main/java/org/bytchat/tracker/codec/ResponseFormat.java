package org.bytchat.tracker.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;

/** The names and the values of responses. */
final class ResponseFormat {

  static final String ENVELOPES = "envelopes";

  private static final String INFO = "info";
  private static final String OPENED = "opened";
  private static final String TAKEN = "taken";
  private static final String RECEIPTS = "receipts";
  private static final String PAGE_END = "end";
  private static final String ACKED = "acked";
  private static final String CUSTODY = "custody";
  private static final String GREETED = "greeted";
  private static final String MAILBOXES = "mailboxes";
  private static final String COMPARED = "compared";
  private static final String OWNED = "owned";
  private static final String PULLED = "pulled";

  private ResponseFormat() {}

  static void write(Response response, FrameWriter out) throws IOException {
    if (response instanceof Response.Info info) {
      name(out, INFO)
          .number(FrameKey.NOW_MILLIS, info.nowMillis())
          .number(FrameKey.STAMP_BITS, info.stampBits())
          .number(FrameKey.LIMIT, info.pageLimit());
    } else if (response instanceof Response.Opened opened) {
      name(out, OPENED)
          .number(FrameKey.VERSION, opened.listVersion())
          .optional(FrameKey.DEVICE_LIST, bytes(opened.fork()));
    } else if (response instanceof Response.Taken taken) {
      name(out, TAKEN).number(FrameKey.VERSION, taken.version());
    } else if (response instanceof Response.Receipts receipts) {
      name(out, RECEIPTS)
          .binary(FrameKey.DEPOSIT_RECEIPT, receipts.deposit().toBytes())
          .optional(FrameKey.DELETION_RECEIPT, bytes(receipts.deletion()));
    } else if (response instanceof Response.Envelopes page) {
      name(out, ENVELOPES).binaries(FrameKey.ENVELOPES, page.envelopes());
    } else if (response instanceof Response.PageEnd end) {
      name(out, PAGE_END)
          .number(FrameKey.CURSOR, end.cursor())
          .flag(FrameKey.MORE, end.more())
          .number(FrameKey.REFUSED_COUNT, end.refusedCount())
          .optional(FrameKey.DEVICE_LIST, bytes(end.fork()));
    } else if (response instanceof Response.Acked acked) {
      name(out, ACKED).flags(FrameKey.KNOWN, acked.known());
    } else if (response instanceof Response.Custody custody) {
      writeCustody(custody, name(out, CUSTODY));
    } else if (response instanceof Response.Refused refused) {
      writeRefused(refused, out);
    } else {
      writeRepair(response, out);
    }
  }

  private static void writeRepair(Response response, FrameWriter out) throws IOException {
    if (response instanceof Response.Greeted) {
      name(out, GREETED);
    } else if (response instanceof Response.Mailboxes mailboxes) {
      NodeId next = mailboxes.next();
      name(out, MAILBOXES)
          .binaries(
              FrameKey.SUMMARIES, mailboxes.summaries().stream().map(Summary::toBytes).toList())
          .optional(FrameKey.MAILBOX, next == null ? null : next.toBytes());
    } else if (response instanceof Response.Compared compared) {
      name(out, COMPARED)
          .binary(FrameKey.LISTS, compared.lists().toBytes())
          .binaries(
              FrameKey.COMPARISONS,
              compared.comparisons().stream().map(Comparison::toBytes).toList());
    } else if (response instanceof Response.Owned owned) {
      Owner owner = owned.owner();
      DeliveryKeys keys = owned.keys();
      name(out, OWNED)
          .optional(FrameKey.OWNER, owner == null ? null : owner.toBytes())
          .optional(FrameKey.DEVICE_LIST, bytes(owned.list()))
          .optional(FrameKey.DELIVERY_KEYS, keys == null ? null : keys.toBytes())
          .number(FrameKey.USED_MILLIS, owned.usedMillis());
    } else if (response instanceof Response.Pulled pulled) {
      name(out, PULLED)
          .binaries(
              FrameKey.HEADS, pulled.copies().stream().map(copy -> copy.head().toBytes()).toList())
          .binaries(FrameKey.ENVELOPES, envelopes(pulled.copies()))
          .binaries(FrameKey.BATCHES, pulled.acks().stream().map(AckBatch::toBytes).toList());
    } else {
      throw new AssertionError("a response without a format: " + response.getClass());
    }
  }

  /** What was deleted has no bytes. */
  private static List<byte[]> envelopes(List<Copy> copies) {
    List<byte[]> envelopes = new ArrayList<>();
    for (Copy copy : copies) {
      byte[] envelope = copy.envelope();
      envelopes.add(envelope == null ? new byte[0] : envelope);
    }
    return envelopes;
  }

  private static FrameWriter name(FrameWriter out, String name) throws IOException {
    return out.text(FrameKey.RESPONSE, name);
  }

  private static byte @Nullable [] bytes(@Nullable DeviceList list) {
    return list == null ? null : list.toBytes();
  }

  private static byte @Nullable [] bytes(@Nullable Receipt receipt) {
    return receipt == null ? null : receipt.toBytes();
  }

  private static void writeCustody(Response.Custody custody, FrameWriter out) throws IOException {
    Owner owner = custody.owner();
    out.optional(FrameKey.DEPOSIT_RECEIPT, bytes(custody.deposit()))
        .optional(FrameKey.DELETION_RECEIPT, bytes(custody.deletion()))
        .binaries(FrameKey.PROOFS, custody.proofs().stream().map(AckProof::toBytes).toList())
        .optional(FrameKey.OWNER, owner == null ? null : owner.toBytes())
        .optional(FrameKey.DEVICE_LIST, bytes(custody.list()));
  }

  private static void writeRefused(Response.Refused refused, FrameWriter out) throws IOException {
    out.number(FrameKey.REFUSAL, refused.refusal().code());
    if (!refused.text().isEmpty()) {
      out.text(FrameKey.REFUSAL_TEXT, cut(refused.text()));
    }
    out.optional(FrameKey.DEVICE_LIST, bytes(refused.evidence()));
    if (refused.stampBits() != 0) {
      out.number(FrameKey.STAMP_BITS, refused.stampBits());
    }
  }

  /** A reason that is too long is still a reason. */
  private static String cut(String text) {
    int characters = text.codePointCount(0, text.length());
    return characters <= FrameKey.REFUSAL_TEXT_MAX
        ? text
        : text.substring(0, text.offsetByCodePoints(0, FrameKey.REFUSAL_TEXT_MAX));
  }

  static Response read(FrameFields in, SignatureScheme ed25519) throws BadFrame {
    if (in.has(FrameKey.REFUSAL)) {
      if (in.has(FrameKey.RESPONSE)) {
        throw new BadFrame("it answers and refuses");
      }
      return readRefused(in);
    }
    return switch (in.text(FrameKey.RESPONSE)) {
      case INFO ->
          new Response.Info(
              in.number(FrameKey.NOW_MILLIS),
              Math.toIntExact(in.number(FrameKey.STAMP_BITS)),
              Math.toIntExact(in.number(FrameKey.LIMIT)));
      case OPENED ->
          new Response.Opened(
              in.number(FrameKey.VERSION), in.optional(FrameKey.DEVICE_LIST, DeviceList::parse));
      case TAKEN -> new Response.Taken(in.number(FrameKey.VERSION));
      case RECEIPTS ->
          new Response.Receipts(
              in.value(FrameKey.DEPOSIT_RECEIPT, Receipt::parse),
              in.optional(FrameKey.DELETION_RECEIPT, Receipt::parse));
      case ENVELOPES -> new Response.Envelopes(in.binaries(FrameKey.ENVELOPES));
      case PAGE_END ->
          new Response.PageEnd(
              in.number(FrameKey.CURSOR),
              in.flag(FrameKey.MORE),
              in.number(FrameKey.REFUSED_COUNT),
              in.optional(FrameKey.DEVICE_LIST, DeviceList::parse));
      case ACKED -> new Response.Acked(in.flags(FrameKey.KNOWN));
      case CUSTODY ->
          new Response.Custody(
              in.optional(FrameKey.DEPOSIT_RECEIPT, Receipt::parse),
              in.optional(FrameKey.DELETION_RECEIPT, Receipt::parse),
              readProofs(in),
              in.optional(FrameKey.OWNER, bytes -> Owner.parse(bytes, ed25519)),
              in.optional(FrameKey.DEVICE_LIST, DeviceList::parse));
      default -> readRepair(in, ed25519);
    };
  }

  private static Response readRepair(FrameFields in, SignatureScheme ed25519) throws BadFrame {
    return switch (in.text(FrameKey.RESPONSE)) {
      case GREETED -> new Response.Greeted();
      case MAILBOXES ->
          new Response.Mailboxes(
              in.values(FrameKey.SUMMARIES, Summary::parse),
              in.optional(FrameKey.MAILBOX, RequestFormat::nodeId));
      case COMPARED ->
          new Response.Compared(
              Digest.of(in.binary(FrameKey.LISTS)),
              in.values(FrameKey.COMPARISONS, Comparison::parse));
      case OWNED ->
          new Response.Owned(
              in.optional(FrameKey.OWNER, bytes -> Owner.parse(bytes, ed25519)),
              in.optional(FrameKey.DEVICE_LIST, DeviceList::parse),
              in.optional(FrameKey.DELIVERY_KEYS, DeliveryKeys::parse),
              in.number(FrameKey.USED_MILLIS));
      case PULLED ->
          new Response.Pulled(readCopies(in), in.values(FrameKey.BATCHES, AckBatch::parse));
      default -> throw new BadFrame("no response has this name");
    };
  }

  private static List<Copy> readCopies(FrameFields in) throws BadFrame {
    List<Copy.Head> heads = in.values(FrameKey.HEADS, Copy.Head::parse);
    List<byte[]> envelopes = in.binaries(FrameKey.ENVELOPES);
    if (heads.size() != envelopes.size()) {
      throw new BadFrame("the envelopes have not as many heads");
    }
    List<Copy> copies = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      byte[] envelope = envelopes.get(i);
      if ((envelope.length == 0) != (heads.get(i).origin() == null)) {
        throw new BadFrame("an envelope has an origin, and a deleted one has none");
      }
      copies.add(new Copy(heads.get(i), envelope.length == 0 ? null : envelope));
    }
    return copies;
  }

  private static List<AckProof> readProofs(FrameFields in) throws BadFrame {
    List<AckProof> proofs = new ArrayList<>();
    for (byte[] bytes : in.binaries(FrameKey.PROOFS)) {
      proofs.add(FrameFields.parsed(FrameKey.PROOFS, bytes, AckProof::parse));
    }
    return proofs;
  }

  /**
   * A code of a later version becomes {@link Refusal#BUSY}, with the code in the text: what the
   * client does not understand it tries again later, or elsewhere, instead of giving up a message.
   */
  private static Response readRefused(FrameFields in) throws BadFrame {
    int code = Math.toIntExact(in.number(FrameKey.REFUSAL));
    String sent = in.text(FrameKey.REFUSAL_TEXT, "");
    Optional<Refusal> refusal = Refusal.of(code);
    return new Response.Refused(
        refusal.orElse(Refusal.BUSY),
        cut(refusal.isPresent() ? sent : "refusal %d: %s".formatted(code, sent)),
        in.optional(FrameKey.DEVICE_LIST, DeviceList::parse),
        Math.toIntExact(in.number(FrameKey.STAMP_BITS, 0)));
  }
}
