package org.bytchat.tracker.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.tracker.wire.Parsed;
import org.jspecify.annotations.Nullable;

/** The values of a frame, by their keys. */
final class FrameFields {

  private static final Map<String, FrameKey> KEYS = new HashMap<>();

  static {
    for (FrameKey key : FrameKey.values()) {
      KEYS.put(key.wireName(), key);
    }
  }

  private final Map<FrameKey, Long> numbers = new EnumMap<>(FrameKey.class);
  private final Map<FrameKey, String> texts = new EnumMap<>(FrameKey.class);
  private final Map<FrameKey, byte[]> binaries = new EnumMap<>(FrameKey.class);
  private final Map<FrameKey, Boolean> flags = new EnumMap<>(FrameKey.class);
  private final Map<FrameKey, List<byte[]>> binaryLists = new EnumMap<>(FrameKey.class);
  private final Map<FrameKey, List<Boolean>> flagLists = new EnumMap<>(FrameKey.class);

  private FrameFields() {}

  /** Reads a value of its bytes. */
  @FunctionalInterface
  interface Parser<T> {
    Parsed<T> parse(byte[] bytes);
  }

  /**
   * Reads the number of the request, and walks over all else: what has one, and is a map of strings
   * from the first byte to the last, can be answered.
   */
  static long requestId(byte[] frame) throws BadFrame {
    return FrameReader.read(frame, FrameFields::requestId);
  }

  private static long requestId(FrameReader reader) throws IOException, BadFrame {
    long requestId = -1;
    int entries = reader.mapHeader();
    for (int i = 0; i < entries; i++) {
      if (KEYS.get(reader.key()) != FrameKey.REQUEST_ID) {
        reader.skip();
      } else if (requestId >= 0) {
        throw new BadFrame("it has two numbers");
      } else {
        requestId = reader.number(FrameKey.REQUEST_ID);
      }
    }
    reader.requireEnd();
    if (requestId < 0) {
      throw new BadFrame("it has no number");
    }
    return requestId;
  }

  static FrameFields read(byte[] frame) throws BadFrame {
    return FrameReader.read(frame, FrameFields::read);
  }

  private static FrameFields read(FrameReader reader) throws IOException, BadFrame {
    FrameFields fields = new FrameFields();
    Set<String> seen = new HashSet<>();
    int entries = reader.mapHeader();
    for (int i = 0; i < entries; i++) {
      String name = reader.key();
      if (!seen.add(name)) {
        throw new BadFrame("a key is there twice");
      }
      FrameKey key = KEYS.get(name);
      if (key == null) {
        reader.skip();
      } else {
        fields.readValue(key, reader);
      }
    }
    reader.requireEnd();
    return fields;
  }

  private void readValue(FrameKey key, FrameReader reader) throws IOException, BadFrame {
    switch (key.type()) {
      case NUMBER -> numbers.put(key, reader.number(key));
      case TEXT -> texts.put(key, reader.text(key));
      case BINARY -> binaries.put(key, reader.binary(key));
      case BOOLEAN -> flags.put(key, reader.flag(key));
      case BINARIES -> binaryLists.put(key, reader.binaries(key));
      case BOOLEANS -> flagLists.put(key, reader.flags(key));
    }
  }

  boolean has(FrameKey key) {
    return numbers.containsKey(key) || texts.containsKey(key);
  }

  long number(FrameKey key) throws BadFrame {
    return required(key, numbers.get(key));
  }

  long number(FrameKey key, long ifAbsent) {
    return numbers.getOrDefault(key, ifAbsent);
  }

  String text(FrameKey key) throws BadFrame {
    return required(key, texts.get(key));
  }

  String text(FrameKey key, String ifAbsent) {
    return texts.getOrDefault(key, ifAbsent);
  }

  byte[] binary(FrameKey key) throws BadFrame {
    return required(key, binaries.get(key));
  }

  boolean flag(FrameKey key) throws BadFrame {
    return required(key, flags.get(key));
  }

  List<byte[]> binaries(FrameKey key) throws BadFrame {
    return required(key, binaryLists.get(key));
  }

  List<Boolean> flags(FrameKey key) throws BadFrame {
    return required(key, flagLists.get(key));
  }

  <T> T value(FrameKey key, Parser<T> parser) throws BadFrame {
    return parsed(key, binary(key), parser);
  }

  <T> @Nullable T optional(FrameKey key, Parser<T> parser) throws BadFrame {
    byte[] bytes = binaries.get(key);
    return bytes == null ? null : parsed(key, bytes, parser);
  }

  <T> List<T> values(FrameKey key, Parser<T> parser) throws BadFrame {
    List<T> values = new ArrayList<>();
    for (byte[] bytes : binaries(key)) {
      values.add(parsed(key, bytes, parser));
    }
    return values;
  }

  static <T> T parsed(FrameKey key, byte[] bytes, Parser<T> parser) throws BadFrame {
    Parsed<T> parsed = parser.parse(bytes);
    if (parsed instanceof Parsed.Malformed<T> malformed) {
      throw new BadFrame(key.wireName() + ": " + malformed.reason());
    }
    return parsed
        .toOptional()
        .orElseThrow(() -> new AssertionError("what is not malformed has a value"));
  }

  private static <T> T required(FrameKey key, @Nullable T value) throws BadFrame {
    if (value == null) {
      throw new BadFrame(key.wireName() + " is missing");
    }
    return value;
  }
}
