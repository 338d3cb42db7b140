package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link StoreLog} wrote, whatever became of it.
 *
 * <p>The end of a log may be torn: the last life ended while it wrote. An entry that is not whole
 * is a torn end only if nothing whole follows; else it is damage, and so is everything in a
 * snapshot that is not whole, because a snapshot takes its place only when it is finished.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class StoreLogReader {

  /*
   * Bytes that look like an entry and are none occur about once in 4 GiB, so the search after a
   * torn end has next to nothing to hash. A file that makes it hash more than this was made so.
   */
  private static final long SEARCHED_BYTES_MAX = 16L * StoreLog.PAYLOAD_BYTES_MAX;

  private final List<StoreChange> changes = new ArrayList<>();
  private int unreadable;

  private StoreLogReader() {}

  /** A file as far as it was read. */
  private static final class Scan {

    final byte[] bytes;
    final ByteBuffer input;
    final StoreLog.File file;

    /** 0 unless the header is whole. */
    long generation;

    long salt;
    int marker;
    int offset;
    int entries;
    boolean isEnded;
    String fault = "";

    Scan(byte[] bytes, StoreLog.File file) {
      this.bytes = bytes;
      this.input = ByteBuffer.wrap(bytes);
      this.file = file;
    }

    int remaining() {
      return bytes.length - offset;
    }
  }

  /**
   * Reads both files.
   *
   * @param snapshot the snapshot, empty if there is none
   * @param log the log, empty if there is none
   * @return what they hold; never throws, whatever the bytes are
   */
  public static StoreLog.Result read(byte[] snapshot, byte[] log) {
    return new StoreLogReader().readBoth(snapshot, log);
  }

  private StoreLog.Result readBoth(byte[] snapshotBytes, byte[] logBytes) {
    Scan snapshot = new Scan(snapshotBytes, StoreLog.File.SNAPSHOT);
    Scan log = new Scan(logBytes, StoreLog.File.LOG);
    if (snapshotBytes.length > 0 && !readSnapshot(snapshot)) {
      // Whatever is lost, what changed last must not be: an older record would come back.
      if (readHeader(log) && log.generation >= snapshot.generation) {
        readLog(log);
      }
      return damaged(snapshot);
    }
    if (logBytes.length < StoreLog.HEADER_BYTES) {
      return restored(snapshot.generation, log, false);
    }
    if (!readHeader(log)) {
      return damaged(log);
    }
    if (log.generation < snapshot.generation) {
      return new StoreLog.Result.Restored(changes, snapshot.generation, 0, 0, 0, 0, unreadable);
    }
    if (log.generation > snapshot.generation) {
      readLog(log);
      log.offset = 0;
      log.fault = "the snapshot that the log continues is missing";
      return damaged(log);
    }
    return readLog(log) ? restored(snapshot.generation, log, true) : damaged(log);
  }

  private StoreLog.Result restored(long generation, Scan log, boolean hasLog) {
    return new StoreLog.Result.Restored(
        changes,
        generation,
        hasLog ? log.salt : 0,
        log.entries,
        log.offset,
        log.remaining(),
        unreadable);
  }

  private StoreLog.Result damaged(Scan scan) {
    return new StoreLog.Result.Damaged(scan.file, scan.offset, scan.fault, changes);
  }

  private boolean readSnapshot(Scan scan) {
    if (!readHeader(scan)) {
      return false;
    }
    while (!scan.isEnded) {
      if (!readEntry(scan)) {
        return false;
      }
    }
    scan.fault = "there are bytes after the end";
    return scan.remaining() == 0;
  }

  private boolean readLog(Scan scan) {
    while (scan.remaining() > 0) {
      int start = scan.offset;
      if (!readEntry(scan)) {
        // A whole entry that says something wrong is no torn one.
        return !isWhole(scan, start) && !isAnyWholeAfter(scan, start);
      }
      if (scan.isEnded) {
        scan.offset = start;
        scan.fault = "a log has no end";
        return false;
      }
    }
    return true;
  }

  private static boolean readHeader(Scan scan) {
    scan.fault = "the header is not whole";
    if (scan.bytes.length < StoreLog.HEADER_BYTES) {
      return false;
    }
    ByteBuffer input = ByteBuffer.wrap(scan.bytes);
    int magic = input.getInt();
    byte format = input.get();
    byte file = input.get();
    input.getShort();
    long generation = input.getLong();
    scan.salt = input.getLong();
    scan.marker = StoreLog.marker(scan.salt);
    int checked = StoreLog.HEADER_BYTES - Long.BYTES;
    if (magic != StoreLog.MAGIC
        || input.getLong() != StoreLog.check(scan.salt, scan.bytes, 0, checked)) {
      return false;
    }
    if (format != StoreLog.FORMAT || file != scan.file.ordinal()) {
      scan.fault = "the header is that of another format or file";
      return false;
    }
    scan.generation = generation;
    scan.offset = StoreLog.HEADER_BYTES;
    return true;
  }

  /** Returns whether a whole entry follows, or looks so often as if one did that it is no crash. */
  private static boolean isAnyWholeAfter(Scan scan, int start) {
    long searched = 0;
    for (int at = start + 1; at <= scan.bytes.length - StoreLog.ENTRY_HEADER_BYTES; at++) {
      int length = payloadLength(scan, at);
      searched += Math.max(0, length);
      if (searched > SEARCHED_BYTES_MAX || isWhole(scan, at, length)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWhole(Scan scan, int at) {
    return isWhole(scan, at, payloadLength(scan, at));
  }

  private static boolean isWhole(Scan scan, int at, int length) {
    return length >= 0
        && scan.input.getLong(at + 12) == StoreLog.entryCheck(scan.salt, scan.bytes, at, length);
  }

  /** Returns how long the payload of the entry at an offset is, -1 if none can be there. */
  private static int payloadLength(Scan scan, int at) {
    int rest = scan.bytes.length - at - StoreLog.ENTRY_HEADER_BYTES;
    if (rest < 0 || scan.input.getInt(at) != scan.marker) {
      return -1;
    }
    int length = scan.input.getInt(at + 8);
    return length <= Math.min(rest, StoreLog.PAYLOAD_BYTES_MAX) ? length : -1;
  }

  /** Reads an entry; if it is not one, the offset stays and nothing of it is taken. */
  private boolean readEntry(Scan scan) {
    scan.fault = "an entry is not whole";
    if (!isWhole(scan, scan.offset)) {
      return false;
    }
    ByteBuffer input = ByteBuffer.wrap(scan.bytes).position(scan.offset + 4);
    if (input.getInt() != scan.entries) {
      scan.fault = "entries are missing";
      return false;
    }
    int length = input.getInt();
    input.getLong();
    input.limit(input.position() + length);
    List<StoreChange> read = new ArrayList<>();
    while (input.hasRemaining()) {
      if (!readChange(input, read, scan)) {
        scan.fault = "an entry says something that this version does not know";
        return false;
      }
    }
    changes.addAll(read);
    scan.entries++;
    scan.offset = input.position();
    return true;
  }

  private boolean readChange(ByteBuffer input, List<StoreChange> read, Scan scan) {
    byte type = input.get();
    if (type == StoreLog.END) {
      scan.isEnded = true;
      return !input.hasRemaining();
    }
    return switch (type) {
      case StoreLog.PUT -> readPut(input, read);
      case StoreLog.REMEMBER -> readRemember(input, read);
      case StoreLog.REMOVE -> readRemove(input, read);
      default -> false;
    };
  }

  private static boolean readRemember(ByteBuffer input, List<StoreChange> read) {
    if (input.remaining() < NodeId.BYTES + 4 * Long.BYTES) {
      return false;
    }
    NodeId key = readId(input);
    long sequence = input.getLong();
    long expiresMillis = input.getLong();
    long digest = input.getLong();
    read.add(new StoreChange.Remember(key, sequence, expiresMillis, digest, input.getLong()));
    return true;
  }

  private static boolean readRemove(ByteBuffer input, List<StoreChange> read) {
    if (input.remaining() < NodeId.BYTES) {
      return false;
    }
    read.add(new StoreChange.Remove(readId(input)));
    return true;
  }

  private boolean readPut(ByteBuffer input, List<StoreChange> read) {
    if (input.remaining() < Long.BYTES + NodeId.BYTES + Short.BYTES) {
      return false;
    }
    long source = input.getLong();
    NodeId place = readId(input);
    int size = Short.toUnsignedInt(input.getShort());
    if (input.remaining() < size) {
      return false;
    }
    byte[] bytes = new byte[size];
    input.get(bytes);
    StoredItem item = parsed(bytes);
    if (item == null) {
      unreadable++;
    } else {
      read.add(new StoreChange.Put(item, place, source));
    }
    return true;
  }

  private static @Nullable StoredItem parsed(byte[] bytes) {
    return StoredItem.parse(bytes) instanceof ParseOutcome.Parsed outcome ? outcome.item() : null;
  }

  private static NodeId readId(ByteBuffer input) {
    byte[] id = new byte[NodeId.BYTES];
    input.get(id);
    return NodeId.of(id);
  }
}
