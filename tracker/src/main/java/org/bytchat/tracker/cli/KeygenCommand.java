package org.bytchat.tracker.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Makes a user's key. */
@Command(
    name = "keygen",
    description =
        "Makes a user's key, writes it to a new file that only its owner can read, and prints the"
            + " uid.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class KeygenCommand implements Callable<Integer> {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** What keys can be made. */
  private enum KeyType {
    ED25519,
    RSA2048,
    RSA3072;

    UserKey generate(SecureRandom random) {
      return switch (this) {
        case ED25519 -> UserKey.generateEd25519(random);
        case RSA2048 -> UserKey.generateRsa(2048, random);
        case RSA3072 -> UserKey.generateRsa(3072, random);
      };
    }
  }

  /** Reads the name of a type. */
  static final class TypeConverter implements ITypeConverter<KeyType> {
    @Override
    public KeyType convert(String value) {
      for (KeyType each : KeyType.values()) {
        if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
          return each;
        }
      }
      throw new TypeConversionException("'" + value + "' is not ed25519, rsa2048 or rsa3072");
    }
  }

  private final Output output;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "File to write, PKCS#8 in PEM; it must not exist.")
  private @Nullable Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      converter = TypeConverter.class,
      defaultValue = "ed25519",
      description = "ed25519, rsa2048 or rsa3072. Default: ${DEFAULT-VALUE}.")
  private KeyType type = KeyType.ED25519;

  @Option(
      names = "--uid-version",
      paramLabel = "VERSION",
      converter = Converters.UidVersion.class,
      defaultValue = "2",
      description = "Version of the uid to print, 2 or 1. Default: ${DEFAULT-VALUE}.")
  private int uidVersion = Uid.DEFAULT_VERSION;

  KeygenCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() {
    Path file = Objects.requireNonNull(out);
    if (Files.exists(file)) {
      throw exists(file, null);
    }
    UserKey key = type.generate(new SecureRandom());
    write(file, key.toPem());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("uid", key.publicKey().uid(uidVersion).toString());
    result.put("type", key.publicKey().type());
    output.json(result);
    return ExitCode.DONE;
  }

  private static void write(Path file, byte[] pem) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix ? new FileAttribute<?>[] {OWNER_ONLY} : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      ByteBuffer bytes = ByteBuffer.wrap(pem);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw exists(file, e);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          ExitCode.REFUSED, "option '--out': the folder of " + file + " does not exist", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.REFUSED,
          "option '--out': " + file + " cannot be written: " + CommandFailure.reasonOf(e),
          e);
    }
  }

  private static CommandFailure exists(Path file, @Nullable Throwable cause) {
    return new CommandFailure(
        ExitCode.REFUSED,
        "option '--out': " + file + " exists and is not overwritten; choose another file",
        cause);
  }
}
