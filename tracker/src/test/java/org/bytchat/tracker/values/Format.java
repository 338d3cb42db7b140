package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.wire.Parsed;

/**
 * How a kind of value is read and written.
 *
 * @param name of the kind
 * @param parser reads any bytes
 * @param writer writes a value
 */
record Format<T>(String name, Function<byte[], Parsed<T>> parser, Function<T, byte[]> writer) {

  static final Format<Owner> OWNER =
      new Format<>("owner", bytes -> Owner.parse(bytes, Ed25519Scheme.INSTANCE), Owner::toBytes);

  static final Format<DeviceList> DEVICES =
      new Format<>("devices", DeviceList::parse, DeviceList::toBytes);

  static final Format<Envelope> ENVELOPE =
      new Format<>("envelope", bytes -> Envelope.parse(bytes.clone()), Envelope::bytes);

  static final Format<AckBatch> ACK = new Format<>("ack", AckBatch::parse, AckBatch::toBytes);

  static final Format<AckProof> PROOF = new Format<>("proof", AckProof::parse, AckProof::toBytes);

  static final Format<Receipt> RECEIPT = new Format<>("receipt", Receipt::parse, Receipt::toBytes);

  static final Format<DeliveryKeys> DELIVERY =
      new Format<>("delivery", DeliveryKeys::parse, DeliveryKeys::toBytes);

  static final Format<Admission> ADMISSION =
      new Format<>("admission", Admission::parse, Admission::toBytes);

  static final List<Format<?>> ALL =
      List.of(OWNER, DEVICES, ENVELOPE, ACK, PROOF, RECEIPT, DELIVERY, ADMISSION);

  /** Reads bytes, and checks that what is read has these and no other bytes, and is one value. */
  Optional<T> read(byte[] bytes) {
    byte[] before = bytes.clone();
    Parsed<T> parsed = parser.apply(bytes);
    assertThat(bytes).as("%s: the bytes after reading them", name).isEqualTo(before);
    if (parsed instanceof Parsed.Malformed<T> malformed) {
      assertThat(malformed.reason()).as(name).isNotBlank();
      return Optional.empty();
    }
    T value = parsed.toOptional().orElseThrow();
    assertThat(writer.apply(value)).as("%s: its only form", name).isEqualTo(bytes);
    T again = parser.apply(bytes).toOptional().orElseThrow();
    assertThat(again).as(name).isEqualTo(value).hasSameHashCodeAs(value);
    assertThat(value).asString().as(name).isNotBlank();
    return Optional.of(value);
  }

  /** Reads bytes as every kind of value. */
  static void readAsAll(byte[] bytes) {
    ALL.forEach(format -> format.read(bytes));
  }
}
