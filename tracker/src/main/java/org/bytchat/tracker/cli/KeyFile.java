package org.bytchat.tracker.cli;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytchat.dht.identity.UserKey;
import org.jspecify.annotations.Nullable;

/** Reads a user's key file, and the passphrase of an encrypted one. */
final class KeyFile {

  /** Where a passphrase may be that nobody types. */
  static final String PASSPHRASE_VARIABLE = "BYTCHAT_PASSPHRASE";

  /** A byte more than a key file may have, so that what is longer is seen to be. */
  private static final int READ_BYTES_MAX = 16_385;

  private static final int PASSPHRASE_BYTES_MAX = 1_024;

  private KeyFile() {}

  /**
   * Reads a key.
   *
   * @param passphraseDescriptor the open file that the passphrase is read from if one is needed,
   *     null for the environment or the terminal
   * @throws CommandFailure if there is no key in the file, or it cannot be decrypted
   */
  static UserKey read(Path file, @Nullable Integer passphraseDescriptor) {
    byte[] text = text(file);
    char[] passphrase = null;
    try {
      if (UserKey.isEncryptedPem(text)) {
        passphrase = passphrase(file, passphraseDescriptor);
      }
      return UserKey.parsePem(text, passphrase);
    } catch (IllegalArgumentException e) {
      throw refused(file + ": " + e.getMessage(), e);
    } finally {
      Arrays.fill(text, (byte) 0);
      if (passphrase != null) {
        Arrays.fill(passphrase, '\0');
      }
    }
  }

  private static byte[] text(Path file) {
    byte[] buffer = new byte[READ_BYTES_MAX];
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.copyOf(buffer, in.readNBytes(buffer, 0, buffer.length));
    } catch (NoSuchFileException e) {
      throw refused(file + " does not exist", e);
    } catch (IOException e) {
      throw refused(file + " cannot be read: " + CommandFailure.reasonOf(e), e);
    } finally {
      Arrays.fill(buffer, (byte) 0);
    }
  }

  private static CommandFailure refused(String message, @Nullable Throwable cause) {
    return new CommandFailure(ExitCode.REFUSED, "option '--key': " + message, cause);
  }

  private static char[] passphrase(Path file, @Nullable Integer descriptor) {
    if (descriptor != null) {
      return passphrase(descriptor);
    }
    String variable = System.getenv(PASSPHRASE_VARIABLE);
    if (variable != null) {
      return variable.toCharArray();
    }
    Console console = Progress.isTerminal() ? System.console() : null;
    char[] typed = console == null ? null : console.readPassword("Passphrase of %s: ", file);
    if (typed == null) {
      throw refused(
          file
              + " is encrypted: type its passphrase on a terminal, or give it with"
              + " --passphrase-fd or in "
              + PASSPHRASE_VARIABLE,
          null);
    }
    return typed;
  }

  private static char[] passphrase(int descriptor) {
    String name = "option '--passphrase-fd': " + descriptor;
    try {
      if (descriptor == 0) {
        return passphrase(System.in);
      }
      try (InputStream in = Files.newInputStream(Path.of("/dev/fd", "" + descriptor))) {
        return passphrase(in);
      }
    } catch (CharacterCodingException e) {
      throw new CommandFailure(ExitCode.REFUSED, name + " does not give UTF-8 text", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.REFUSED, name + " cannot be read: " + CommandFailure.reasonOf(e), e);
    }
  }

  /** Reads the first line, without its end. */
  private static char[] passphrase(InputStream in) throws IOException {
    byte[] line = new byte[PASSPHRASE_BYTES_MAX];
    CharBuffer decoded = CharBuffer.allocate(0);
    try {
      int length = 0;
      int next = in.read();
      while (next >= 0 && next != '\n') {
        if (length == line.length) {
          throw new IOException("a passphrase has at most " + PASSPHRASE_BYTES_MAX + " bytes");
        }
        line[length++] = (byte) next;
        next = in.read();
      }
      if (length > 0 && line[length - 1] == '\r') {
        length--;
      }
      decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length));
      return Arrays.copyOf(decoded.array(), decoded.remaining());
    } finally {
      Arrays.fill(line, (byte) 0);
      Arrays.fill(decoded.array(), '\0');
    }
  }
}
