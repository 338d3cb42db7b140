package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/** What a tracker says of one range that it was asked to compare. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Comparison {

  /** How many ranges or items one comparison has at most. */
  int PARTS_MAX = 32;

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @return the comparison, or why the bytes are none
   */
  static Parsed<Comparison> parse(byte[] bytes) {
    return FieldReader.parse(bytes, Comparison::read);
  }

  private static Comparison read(FieldReader fields) throws FieldReader.Refused {
    int kind = fields.unsignedByte();
    if (kind == Same.KIND) {
      return new Same();
    }
    int count = fields.unsignedByte();
    if (count > PARTS_MAX) {
      throw new FieldReader.Refused("a comparison has at most 32 parts, not " + count);
    }
    return switch (kind) {
      case Split.KIND -> readSplit(fields, count);
      case Items.KIND -> readItems(fields, count);
      default -> throw new FieldReader.Refused("no comparison is of kind " + kind);
    };
  }

  private static Split readSplit(FieldReader fields, int count) throws FieldReader.Refused {
    List<DigestRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ranges.add(DigestRange.read(fields));
    }
    return new Split(ranges);
  }

  private static Items readItems(FieldReader fields, int count) throws FieldReader.Refused {
    List<Item> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(Item.read(fields));
    }
    return new Items(items);
  }

  /**
   * Returns the form on the wire.
   *
   * @return one byte for the kind, and for ranges and items their number in one byte and they
   */
  byte[] toBytes();

  /** Both have the same in it. */
  record Same() implements Comparison {

    static final int KIND = 0;

    @Override
    public byte[] toBytes() {
      return new byte[] {KIND};
    }
  }

  /**
   * There is a lot in it: its parts, to be compared in their turn.
   *
   * @param ranges parts of the range, rising, that together are all of it; at most {@link
   *     #PARTS_MAX}
   */
  record Split(List<DigestRange> ranges) implements Comparison {

    static final int KIND = 1;

    public Split {
      ranges = List.copyOf(ranges);
    }

    @Override
    public byte[] toBytes() {
      ByteBuffer bytes = ByteBuffer.allocate(2 + ranges.size() * DigestRange.BYTES);
      bytes.put((byte) KIND).put((byte) ranges.size());
      ranges.forEach(range -> bytes.put(range.toBytes()));
      return bytes.array();
    }
  }

  /**
   * All that is in it.
   *
   * @param items by digest, at most {@link #PARTS_MAX}
   */
  record Items(List<Item> items) implements Comparison {

    static final int KIND = 2;

    public Items {
      items = List.copyOf(items);
    }

    @Override
    public byte[] toBytes() {
      int length = 2 + items.stream().mapToInt(Item::sizeBytes).sum();
      ByteBuffer bytes = ByteBuffer.allocate(length);
      bytes.put((byte) KIND).put((byte) items.size());
      items.forEach(item -> bytes.put(item.toBytes()));
      return bytes.array();
    }
  }
}
