package org.bytchat.dht;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytchat.dht.store.BlobReference;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * The value of a "meta" record: a MessagePack map of name, time, and what names the avatar. Reading
 * is a total function: what others signed is no more to be trusted than what they send.
 */
final class ProfileCodec {

  private static final String NAME = "n";
  private static final String CHANGED = "ts";
  private static final String AVATAR = "av";

  private ProfileCodec() {}

  /** What came of reading a value. */
  sealed interface Outcome {}

  /**
   * A profile's value.
   *
   * @param name 1 to {@link Profile#NAME_BYTES_MAX} bytes as UTF-8
   * @param changedMillis when the owner made it so, milliseconds since 1970, at least 0
   * @param avatar what names the avatar, null if there is none
   */
  record Content(String name, long changedMillis, @Nullable BlobReference avatar)
      implements Outcome {}

  /**
   * The bytes are no profile.
   *
   * @param reason why
   */
  record Malformed(String reason) implements Outcome {}

  /** Thrown and caught in this class only. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String reason) {
      super(reason, null, false, false);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  static byte[] encode(Content content) {
    BlobReference avatar = content.avatar();
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(avatar == null ? 2 : 3);
      packer.packString(NAME).packString(content.name());
      packer.packString(CHANGED).packLong(content.changedMillis());
      if (avatar != null) {
        packer.packString(AVATAR).packBinaryHeader(BlobReference.BYTES);
        packer.writePayload(avatar.toBytes());
      }
      return packer.toByteArray();
    } catch (IOException e) {
      throw new AssertionError("nothing is written but memory", e);
    }
  }

  static Outcome decode(byte[] value) {
    try (MessageUnpacker input = MessagePack.newDefaultUnpacker(value)) {
      Content content = read(input, value.length);
      if (input.getTotalReadBytes() != value.length) {
        return new Malformed("bytes follow the map");
      }
      return content;
    } catch (Refused e) {
      return new Malformed(e.reason());
    } catch (MessagePackException | IOException e) {
      return new Malformed("not MessagePack, or cut off");
    }
  }

  private static Content read(MessageUnpacker input, int bytesMax) throws IOException, Refused {
    require(input, ValueType.MAP, "the value");
    int entries = input.unpackMapHeader();
    Set<String> seen = new HashSet<>();
    String name = null;
    long changedMillis = -1;
    BlobReference avatar = null;
    // Each entry takes bytes, so that a false count ends with them.
    for (int i = 0; i < entries; i++) {
      // What is not ASCII is no key that is known here, but must not appear twice either.
      require(input, ValueType.STRING, "a key");
      byte[] keyBytes = payload(input, input.unpackRawStringHeader(), bytesMax);
      String key = new String(keyBytes, StandardCharsets.ISO_8859_1);
      if (!seen.add(key)) {
        throw new Refused("a key appears twice");
      }
      switch (key) {
        case NAME -> name = readName(input, bytesMax);
        case CHANGED -> changedMillis = readTime(input);
        case AVATAR -> avatar = readReference(input, bytesMax);
        default -> skip(input);
      }
    }
    if (name == null || changedMillis < 0) {
      throw new Refused(name == null ? "it has no name" : "it has no time");
    }
    return new Content(name, changedMillis, avatar);
  }

  private static void require(MessageUnpacker input, ValueType type, String what)
      throws IOException, Refused {
    if (input.getNextFormat().getValueType() != type) {
      throw new Refused(what + " has a wrong type");
    }
  }

  /** Reads bytes whose number a stranger names. */
  private static byte[] payload(MessageUnpacker input, int length, int bytesMax)
      throws IOException, Refused {
    if (length > bytesMax) {
      throw new Refused("it is cut off");
    }
    return input.readPayload(length);
  }

  private static String readName(MessageUnpacker input, int bytesMax) throws IOException, Refused {
    require(input, ValueType.STRING, "the name");
    byte[] bytes = payload(input, input.unpackRawStringHeader(), bytesMax);
    if (bytes.length < 1 || bytes.length > Profile.NAME_BYTES_MAX) {
      throw new Refused("the name has " + bytes.length + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Refused("the name is not UTF-8");
    }
  }

  private static long readTime(MessageUnpacker input) throws IOException, Refused {
    require(input, ValueType.INTEGER, "the time");
    long time = input.unpackLong();
    if (time < 0) {
      throw new Refused("the time is negative");
    }
    return time;
  }

  private static BlobReference readReference(MessageUnpacker input, int bytesMax)
      throws IOException, Refused {
    require(input, ValueType.BINARY, "the avatar");
    byte[] bytes = payload(input, input.unpackBinaryHeader(), bytesMax);
    Optional<BlobReference> reference = BlobReference.parse(bytes);
    if (reference.isEmpty()) {
      throw new Refused("the avatar is no reference");
    }
    return reference.get();
  }

  /** Passes over a value; counts what is left itself, because a stranger names the numbers. */
  private static void skip(MessageUnpacker input) throws IOException {
    long left = 1;
    while (left > 0) {
      left--;
      switch (input.getNextFormat().getValueType()) {
        case ARRAY -> left += input.unpackArrayHeader();
        case MAP -> left += 2L * input.unpackMapHeader();
        default -> input.skipValue();
      }
    }
  }
}
