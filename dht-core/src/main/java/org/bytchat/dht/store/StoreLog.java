package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.apiguardian.api.API;

/**
 * Writes what a store keeps for its next life: a snapshot of the whole state, and a log of what
 * changed since.
 *
 * <p>Only bytes are made here; whoever owns the files writes them. A file is its {@link #header}
 * and then entries in order; a snapshot ends with {@link #end}. The order that survives a crash at
 * any moment: a new snapshot with the next generation goes to a file of its own, is synced and
 * renamed over the old one; then a new log of that generation replaces the old one. A log of an
 * older generation than the snapshot is ignored when it is read.
 *
 * <p>Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class StoreLog {

  /*
   * Header: "byts" ‖ format (1) ‖ file (1) ‖ 0 0 ‖ generation (8) ‖ salt (8) ‖ check (8).
   * Entry: marker (4) ‖ number (4) ‖ length of the payload (4) ‖ check (8) ‖ payload.
   * A check is the first 8 bytes of the SHA-256 of the salt and all else of the header or entry.
   *
   * The marker follows from the salt. Stored values are chosen by strangers, who know neither: they
   * cannot plant bytes that look like an entry and make a torn end look like damage in the middle.
   */
  static final int HEADER_BYTES = 32;
  static final int ENTRY_HEADER_BYTES = 20;
  static final int PAYLOAD_BYTES_MAX = 1 << 20;
  static final int MAGIC = 0x62797473;
  static final byte FORMAT = 1;

  static final byte PUT = 1;
  static final byte REMEMBER = 2;
  static final byte REMOVE = 3;
  static final byte END = 4;

  /** The two files. */
  public enum File {
    /** The whole state at one moment. */
    SNAPSHOT,
    /** What changed since. */
    LOG
  }

  private final File file;
  private final long generation;
  private final long salt;
  private int entries;

  private StoreLog(File file, long generation, long salt, int entries) {
    this.file = file;
    this.generation = generation;
    this.salt = salt;
    this.entries = entries;
  }

  /**
   * Begins a file.
   *
   * @param file which one
   * @param generation that of the snapshot; a log has the one of the snapshot it continues
   * @param salt a random number that nobody else can know, drawn for this file
   * @return the writer
   */
  public static StoreLog begin(File file, long generation, long salt) {
    return new StoreLog(file, generation, salt, 0);
  }

  /**
   * Goes on with a log that was read.
   *
   * @param restored what was read; the file must have been cut to its {@code goodBytes}, which are
   *     at least a header's
   * @return the writer
   * @throws IllegalArgumentException if there was no log to go on with
   */
  public static StoreLog resume(Result.Restored restored) {
    if (restored.goodBytes() < HEADER_BYTES) {
      throw new IllegalArgumentException("there is no log to go on with");
    }
    return new StoreLog(File.LOG, restored.generation(), restored.salt(), restored.entries());
  }

  /**
   * Returns what the file begins with.
   *
   * @return the bytes
   */
  public byte[] header() {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    bytes.putInt(MAGIC).put(FORMAT).put((byte) file.ordinal()).putShort((short) 0);
    bytes.putLong(generation).putLong(salt);
    return bytes.putLong(check(salt, bytes.array(), 0, HEADER_BYTES - Long.BYTES)).array();
  }

  /**
   * Returns the next entry. It takes effect as a whole or, if it is torn, not at all.
   *
   * @param changes what changed together; at most about 1,000 changes
   * @return the bytes
   * @throws IllegalArgumentException if the entry would be longer than 1 MiB
   */
  public byte[] entry(List<StoreChange> changes) {
    int size = 0;
    for (StoreChange change : changes) {
      size += sizeOf(change);
    }
    if (size > PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException("too much for one entry: " + size + " bytes");
    }
    ByteBuffer payload = ByteBuffer.allocate(size);
    changes.forEach(change -> write(change, payload));
    return framed(payload.array());
  }

  /**
   * Returns what a snapshot ends with, without which it is not whole.
   *
   * @return the bytes
   * @throws IllegalStateException if this is a log
   */
  public byte[] end() {
    if (file != File.SNAPSHOT) {
      throw new IllegalStateException("a log has no end");
    }
    return framed(new byte[] {END});
  }

  private byte[] framed(byte[] payload) {
    ByteBuffer bytes = ByteBuffer.allocate(ENTRY_HEADER_BYTES + payload.length);
    bytes.putInt(marker(salt)).putInt(entries++).putInt(payload.length);
    bytes.putLong(0).put(payload);
    return bytes.putLong(12, entryCheck(salt, bytes.array(), 0, payload.length)).array();
  }

  private static int sizeOf(StoreChange change) {
    if (change instanceof StoreChange.Put put) {
      return 1 + Long.BYTES + 20 + Short.BYTES + put.item().size();
    }
    return change instanceof StoreChange.Remember ? 1 + 20 + 4 * Long.BYTES : 1 + 20;
  }

  private static void write(StoreChange change, ByteBuffer output) {
    if (change instanceof StoreChange.Put put) {
      output.put(PUT).putLong(put.source()).put(put.place().toBytes());
      output.putShort((short) put.item().size()).put(put.item().bytes());
    } else if (change instanceof StoreChange.Remember known) {
      output.put(REMEMBER).put(known.key().toBytes()).putLong(known.sequence());
      output.putLong(known.expiresMillis()).putLong(known.digest()).putLong(known.source());
    } else if (change instanceof StoreChange.Remove remove) {
      output.put(REMOVE).put(remove.key().toBytes());
    }
  }

  static int marker(long salt) {
    return (int) (hash(salt, new byte[0]) >>> 32);
  }

  /** Returns the check of an entry: of all its bytes but the check. */
  static long entryCheck(long salt, byte[] bytes, int offset, int payloadBytes) {
    MessageDigest digest = sha256();
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(salt).array());
    digest.update(bytes, offset, 12);
    digest.update(bytes, offset + ENTRY_HEADER_BYTES, payloadBytes);
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  static long check(long salt, byte[] bytes, int offset, int length) {
    return hash(salt, Arrays.copyOfRange(bytes, offset, offset + length));
  }

  private static long hash(long salt, byte[] bytes) {
    MessageDigest digest = sha256();
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(salt).array());
    return ByteBuffer.wrap(digest.digest(bytes)).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** What was read of a snapshot and a log. */
  public sealed interface Result {

    /**
     * Returns what could be read.
     *
     * @return the snapshot's changes and then the log's, for {@link RecordStore#restore}
     */
    List<StoreChange> changes();

    /**
     * Everything that was written as a whole.
     *
     * @param changes the snapshot's and then the log's
     * @param generation the generation of the snapshot, 0 if there is none
     * @param salt the log's salt, 0 if there is no log to go on with
     * @param entries whole entries of the log
     * @param goodBytes the length of what is whole in the log; what is beyond is to be cut off
     * @param tornBytes the length of what is beyond: 0 unless the last life ended while it wrote
     * @param unreadable items that are well stored but that this version cannot read; left out
     */
    record Restored(
        List<StoreChange> changes,
        long generation,
        long salt,
        int entries,
        int goodBytes,
        int tornBytes,
        int unreadable)
        implements Result {
      public Restored {
        changes = List.copyOf(changes);
      }
    }

    /**
     * A file is damaged, not merely torn at its end. It must be named and kept aside, and a new
     * snapshot written of what is left.
     *
     * @param file which one
     * @param offset where the damage begins
     * @param reason what is wrong
     * @param changes what stands before the damage in each file. What changed last counts: of a log
     *     that belongs to a damaged or missing snapshot or to a later one, all is taken
     */
    record Damaged(StoreLog.File file, int offset, String reason, List<StoreChange> changes)
        implements Result {
      public Damaged {
        changes = List.copyOf(changes);
      }
    }
  }
}
