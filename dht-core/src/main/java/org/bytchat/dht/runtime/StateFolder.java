package org.bytchat.dht.runtime;

import com.google.common.hash.Hashing;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreChange;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which a node keeps its key, its contacts and the records of others, locked while
 * the node runs.
 *
 * <p>Files: {@code lock}, {@code node.key} (the 32 bytes of the private seed), {@code
 * contacts.msgpack} with its SHA-256 in front, {@code records.snapshot} and {@code records.log},
 * all for the owner alone. Files are replaced whole: written beside, synced, renamed; only the log
 * grows in place. The file {@code dialect} is there if that is Mainline's. A damaged file is named
 * in the log and moved aside, never silently emptied; a damaged key stops the start. Safe for use
 * by several threads.
 */
public final class StateFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);

  private static final int FORMAT = 1;
  private static final int CHECKSUM_BYTES = 32;
  private static final int CONTACTS_MAX = 10_000;
  private static final int FILE_BYTES_MAX = 4 << 20;

  /**
   * The folders that this process has locked. Locks of files are the process's: one that opened and
   * closed the file again, to find it locked, would have unlocked it for other processes.
   */
  private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Path realFolder;
  private final FileChannel lockFile;
  private @Nullable RecordFiles records;

  private StateFolder(Path folder, Path realFolder, FileChannel lockFile) {
    this.folder = folder;
    this.realFolder = realFolder;
    this.lockFile = lockFile;
  }

  /**
   * Opens a folder, makes it if it does not exist, and locks it.
   *
   * @param folder the folder
   * @return the folder, to be closed
   * @throws StateException if it cannot be written or another node uses it; the message says which
   */
  public static StateFolder open(Path folder) {
    try {
      // Not createDirectories alone, which refuses a link to a folder.
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      Path real = folder.toRealPath();
      FileChannel channel = lock(real);
      if (channel == null) {
        throw new StateException(
            "data folder "
                + folder
                + " is in use by another node: stop it, or choose another folder",
            null);
      }
      return new StateFolder(folder, real, channel);
    } catch (FileAlreadyExistsException e) {
      throw new StateException(
          "data folder " + folder + " cannot be used: it is a file; choose another folder", e);
    } catch (IOException e) {
      throw new StateException(
          "data folder " + folder + " cannot be used: " + reasonOf(e) + "; check its permissions",
          e);
    }
  }

  /** Returns the file that holds the lock, to be closed, or null if somebody else holds it. */
  private static @Nullable FileChannel lock(Path real) throws IOException {
    if (!LOCKED.add(real)) {
      return null;
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      return locked ? channel : null;
    } finally {
      if (!locked) {
        if (channel != null) {
          channel.close();
        }
        LOCKED.remove(real);
      }
    }
  }

  /**
   * Makes sure that the folder is of a node that speaks a dialect: what it holds is of no use in
   * another one, and must not get there.
   *
   * @param dialect what the node speaks
   * @throws StateException if it is of another dialect; the message says what to do
   */
  public void claim(Dialect dialect) {
    Path file = folder.resolve("dialect");
    try {
      boolean isMainlines = Files.exists(file);
      boolean isNew = !isMainlines && !Files.exists(folder.resolve("node.key"));
      if (isNew && dialect == Dialect.MAINLINE) {
        byte[] name = dialect.name().getBytes(StandardCharsets.US_ASCII);
        replace(file, output -> output.write(name));
      } else if (!isNew && isMainlines != (dialect == Dialect.MAINLINE)) {
        throw new StateException(
            "data folder "
                + folder
                + " is that of a node of another dialect: choose another folder",
            null);
      }
    } catch (IOException e) {
      throw new StateException(
          "file " + file + " cannot be used: " + reasonOf(e) + "; check its permissions", e);
    }
  }

  static String reasonOf(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  /** A data folder that cannot be used; the message says why and what to do. */
  public static final class StateException extends RuntimeException {

    private static final long serialVersionUID = 1;

    StateException(String message, @Nullable Exception cause) {
      super(message, cause);
    }
  }

  /**
   * Reads the node's key, or makes and keeps a new one.
   *
   * @param random the platform's secure random numbers
   * @param puzzleBits the puzzle that the key must solve, 0 for none; a new key takes the time that
   *     {@link NodeIdentity#generate(SecureRandom, int)} says
   * @return the identity
   * @throws StateException if the key file is damaged or cannot be read or written, or its key does
   *     not solve the puzzle
   */
  public NodeIdentity identity(SecureRandom random, int puzzleBits) {
    Path file = folder.resolve("node.key");
    try {
      if (Files.exists(file)) {
        byte[] seed = Files.readAllBytes(file);
        if (seed.length != SignatureScheme.SEED_BYTES) {
          throw new StateException(
              "key file "
                  + file
                  + " has "
                  + seed.length
                  + " bytes instead of "
                  + SignatureScheme.SEED_BYTES
                  + ": restore it from a backup, or remove it to start as a new node",
              null);
        }
        return solving(NodeIdentity.of(Ed25519Scheme.INSTANCE, seed), puzzleBits, file);
      }
      NodeIdentity identity = NodeIdentity.generate(random, puzzleBits);
      byte[] seed = identity.seed();
      replace(file, output -> output.write(seed));
      return identity;
    } catch (IOException e) {
      throw new StateException(
          "key file " + file + " cannot be used: " + reasonOf(e) + "; check its permissions", e);
    }
  }

  private static NodeIdentity solving(NodeIdentity identity, int puzzleBits, Path file) {
    if (!NodeIdentity.solves(identity.publicKey(), puzzleBits)) {
      throw new StateException(
          "the key in "
              + file
              + " does not solve the network's puzzle of "
              + puzzleBits
              + " bits, so no other node would take this one into its table: remove it to start as"
              + " a new node, or correct puzzleBits",
          null);
    }
    return identity;
  }

  /**
   * Reads the contacts of the node's earlier life.
   *
   * @return the contacts, empty if there are none
   */
  public List<Contact> readContacts() {
    Path file = folder.resolve("contacts.msgpack");
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new IOException("longer than any that a node writes");
      }
      return decode(Files.readAllBytes(file));
    } catch (IOException | MessagePackException | IllegalArgumentException e) {
      Path aside = folder.resolve("contacts.msgpack.damaged");
      LOG.warn("{} is damaged ({}); moved to {}", file, e.getMessage(), aside.getFileName());
      try {
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException moving) {
        LOG.warn("{} could not be moved aside: {}", file, reasonOf(moving));
      }
      return List.of();
    }
  }

  private static List<Contact> decode(byte[] bytes) throws IOException {
    if (bytes.length < CHECKSUM_BYTES) {
      throw new IOException("too short");
    }
    byte[] content = Arrays.copyOfRange(bytes, CHECKSUM_BYTES, bytes.length);
    byte[] checksum = Hashing.sha256().hashBytes(content).asBytes();
    if (!Arrays.equals(checksum, Arrays.copyOf(bytes, CHECKSUM_BYTES))) {
      throw new IOException("wrong checksum");
    }
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(content)) {
      int format = unpacker.unpackInt();
      if (format != FORMAT) {
        throw new IOException("format " + format + " is not known to this version");
      }
      int count = unpacker.unpackArrayHeader();
      if (count > CONTACTS_MAX) {
        throw new IOException("too many contacts: " + count);
      }
      List<Contact> contacts = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        contacts.add(decodeContact(unpacker.readPayload(unpacker.unpackBinaryHeader())));
      }
      return contacts;
    }
  }

  private static Contact decodeContact(byte[] bytes) throws IOException {
    for (AddressFamily family : AddressFamily.values()) {
      if (bytes.length == family.contactBytes()) {
        Endpoint endpoint = Endpoint.read(family, bytes, NodeId.BYTES);
        return Contact.of(NodeId.read(bytes, 0), endpoint, bytes[bytes.length - 1] & 0xff);
      }
    }
    throw new IOException("a contact of " + bytes.length + " bytes");
  }

  /**
   * Keeps contacts for the node's next life. Nothing happens after {@link #close}.
   *
   * @param contacts the contacts; the first 10,000 are kept
   * @throws StateException if the file cannot be written
   */
  public synchronized void writeContacts(List<Contact> contacts) {
    if (!lockFile.isOpen()) {
      return;
    }
    Path file = folder.resolve("contacts.msgpack");
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      int count = Math.min(CONTACTS_MAX, contacts.size());
      packer.packInt(FORMAT).packArrayHeader(count);
      for (Contact contact : contacts.subList(0, count)) {
        byte[] bytes = encodeContact(contact);
        packer.packBinaryHeader(bytes.length).writePayload(bytes);
      }
      byte[] content = packer.toByteArray();
      byte[] whole =
          Arrays.copyOf(
              Hashing.sha256().hashBytes(content).asBytes(), CHECKSUM_BYTES + content.length);
      System.arraycopy(content, 0, whole, CHECKSUM_BYTES, content.length);
      replace(file, output -> output.write(whole));
    } catch (IOException e) {
      throw new StateException(
          "contacts could not be kept in " + file + ": " + reasonOf(e) + "; check disk space", e);
    }
  }

  private static byte[] encodeContact(Contact contact) {
    byte[] bytes = new byte[contact.endpoint().family().contactBytes()];
    contact.id().write(bytes, 0);
    contact.endpoint().write(bytes, NodeId.BYTES);
    bytes[bytes.length - 1] = (byte) contact.services();
    return bytes;
  }

  /**
   * Reads the records that the node held in its earlier life. Takes long if they are many.
   *
   * @return the changes that make the store, empty if there are none
   * @throws StateException if a file cannot be read, or is damaged and cannot be moved aside
   */
  public synchronized List<StoreChange> readRecords() {
    closeRecords();
    RecordFiles.Opened opened = RecordFiles.open(folder);
    records = opened.files();
    return opened.changes();
  }

  /**
   * Keeps what changed in the store since the last call of this or {@link #keepRecords}. Nothing
   * happens after {@link #close}.
   *
   * @param changes the changes, kept as a whole or not at all
   * @throws StateException if they cannot be written; then {@link #keepRecords} must be called next
   */
  public synchronized void appendRecords(List<StoreChange> changes) {
    if (lockFile.isOpen()) {
      records().append(changes);
    }
  }

  /**
   * Keeps the whole store in the place of all that was kept before. Nothing happens after {@link
   * #close}.
   *
   * @param snapshot the changes that make it
   * @throws StateException if it cannot be written; what was kept before stays
   */
  public synchronized void keepRecords(List<StoreChange> snapshot) {
    if (lockFile.isOpen()) {
      records().keep(snapshot);
    }
  }

  private RecordFiles records() {
    RecordFiles files = records;
    if (files == null) {
      throw new IllegalStateException("records are read before they are written");
    }
    return files;
  }

  private void closeRecords() {
    RecordFiles files = records;
    records = null;
    if (files != null) {
      files.close();
    }
  }

  /** What a file is to contain. */
  interface Content {
    void writeTo(OutputStream output) throws IOException;
  }

  /** Puts a whole file in the place of another, so that after a crash one of both is there. */
  static void replace(Path file, Content content) throws IOException {
    Path temporary = temporaryOf(file);
    Files.deleteIfExists(temporary);
    // Private from the first moment: whoever opened it before could read the key later.
    Files.createFile(temporary, ownerOnly(file));
    try {
      // Not a channel, which an interrupted thread could not write.
      try (FileOutputStream stream = new FileOutputStream(temporary.toFile())) {
        content.writeTo(stream);
        stream.getFD().sync();
      }
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      deleteLeftOver(file);
      throw e;
    }
    syncFolder(file);
  }

  /** Deletes what an interrupted {@link #replace} left, which may be long. */
  static void deleteLeftOver(Path file) {
    try {
      Files.deleteIfExists(temporaryOf(file));
    } catch (IOException e) {
      LOG.warn("{} could not be deleted: {}", temporaryOf(file), reasonOf(e));
    }
  }

  private static Path temporaryOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /**
   * Has the new name last, where folders can be synced: what is renamed later must not be first.
   */
  private static void syncFolder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.debug("{} cannot be synced", parent, e);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }

  /**
   * Closes what is open and unlocks the folder, after what is being written. Nothing happens if it
   * is unlocked.
   */
  @Override
  public synchronized void close() {
    if (!lockFile.isOpen()) {
      return;
    }
    closeRecords();
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("The lock of {} could not be closed: {}", folder, reasonOf(e));
    }
    LOCKED.remove(realFolder);
  }
}
