package org.bytchat.tracker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Profile;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.runtime.Sockets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Signs a profile and stores it. */
@Command(
    name = "set",
    description = {
      "Signs a profile with a user's key and stores it on the nodes closest to it, in place of what"
          + " is there; prints what each of them did as JSON.",
      "It lives for 7 days, then it has to be set again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MetaSetCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private ClientOptions client = new ClientOptions();

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The user's key, PKCS#8 in PEM, as keygen and openssl write it.")
  @SuppressWarnings("NullAway.Init")
  private Path keyFile;

  @Option(
      names = "--passphrase-fd",
      paramLabel = "N",
      converter = Converters.Descriptor.class,
      description =
          "File descriptor to read the passphrase of an encrypted key from, its first line."
              + " Default: "
              + KeyFile.PASSPHRASE_VARIABLE
              + " of the environment, else the terminal.")
  private @Nullable Integer passphraseDescriptor;

  @Option(
      names = "--uid-version",
      paramLabel = "VERSION",
      converter = Converters.UidVersion.class,
      defaultValue = "2",
      description = "Version of the uid to be found by, 2 or 1. Default: ${DEFAULT-VALUE}.")
  private int uidVersion = Uid.DEFAULT_VERSION;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "The name to show, 1 to " + Profile.NAME_BYTES_MAX + " bytes of UTF-8.")
  @SuppressWarnings("NullAway.Init")
  private String name;

  @Option(
      names = "--avatar",
      paramLabel = "FILE",
      description =
          "The picture to show, 1 to 65,536 bytes in any format. Default: the one of the present"
              + " profile, if it has one.")
  private @Nullable Path avatarFile;

  @Option(names = "--no-avatar", description = "Show no picture, whatever the present profile has.")
  private boolean noAvatar;

  MetaSetCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (noAvatar && avatarFile != null) {
      throw new CommandFailure(
          ExitCode.USAGE, "options '--avatar' and '--no-avatar' contradict each other");
    }
    Profile profile = profile(avatarFile == null ? new byte[0] : avatar(avatarFile));
    UserKey key = KeyFile.read(keyFile, passphraseDescriptor);
    PutResult result = client.run(output, "Storing the profile", node -> store(node, key, profile));
    boolean isProfile = result.sequence() > 0;
    output.json(describe(key.publicKey().uid(uidVersion), result, isProfile));
    if (!result.isEnough()) {
      throw new CommandFailure(
          ExitCode.NOBODY_ANSWERED,
          "the %s is stored on %d of %d nodes, and %d must in each address family%s"
              .formatted(
                  isProfile ? "profile" : "avatar",
                  result.stored(),
                  result.nodes().size(),
                  StoreConfig.defaults().acks(),
                  isProfile ? "" : ", so the profile was not stored"));
    }
    return ExitCode.DONE;
  }

  private Profile profile(byte[] avatar) {
    // What the platform puts for bytes that the locale does not know.
    if (name.indexOf('\uFFFD') >= 0) {
      throw new CommandFailure(
          ExitCode.REFUSED,
          "option '--name': has characters that this locale cannot express; use one of UTF-8, for"
              + " example LC_ALL=C.UTF-8");
    }
    try {
      return new Profile(name, avatar);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.REFUSED, "option '--name': " + e.getMessage(), e);
    }
  }

  private static byte[] avatar(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(Profile.AVATAR_BYTES_MAX + 1);
      if (content.length == 0) {
        throw refusedAvatar(file + " is empty; use --no-avatar for none", null);
      }
      if (content.length > Profile.AVATAR_BYTES_MAX) {
        throw refusedAvatar(
            file + " is too long: an avatar has at most " + Profile.AVATAR_BYTES_MAX + " bytes",
            null);
      }
      return content;
    } catch (NoSuchFileException e) {
      throw refusedAvatar(file + " does not exist", e);
    } catch (IOException e) {
      throw refusedAvatar(file + " cannot be read: " + CommandFailure.reasonOf(e), e);
    }
  }

  private static CommandFailure refusedAvatar(String message, @Nullable Throwable cause) {
    return new CommandFailure(ExitCode.REFUSED, "option '--avatar': " + message, cause);
  }

  private PutResult store(DhtNode node, UserKey key, Profile wanted) throws InterruptedException {
    Profile whole = wanted;
    if (avatarFile == null && !noAvatar) {
      whole = new Profile(name, presentAvatar(node, key.publicKey().uid(uidVersion)));
    }
    return client
        .await(node.publish(key, uidVersion, whole), "the profile could not be stored")
        .result();
  }

  /** Returns the avatar of the present profile, empty for none. */
  private byte[] presentAvatar(DhtNode node, Uid uid) throws InterruptedException {
    Optional<Profile.Found> present;
    try {
      present = client.await(node.profile(uid), "the present profile could not be read");
    } catch (DhtException.Invalid e) {
      output.message("bytchat-node: what is there is replaced: " + e.getMessage());
      return new byte[0];
    }
    DhtException failure = present.map(Profile.Found::avatarFailure).orElse(null);
    if (failure != null) {
      throw new CommandFailure(
          NodeMain.exitCodeFor(failure),
          "the present avatar cannot be kept, give --avatar or --no-avatar: "
              + failure.getMessage(),
          failure);
    }
    return present.map(found -> found.profile().avatar()).orElse(new byte[0]);
  }

  private static Map<String, Object> describe(Uid uid, PutResult result, boolean isProfile) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("uid", uid.toString());
    object.put("key", uid.place(Profile.LABEL).toString());
    object.put("seq", result.sequence());
    object.put("stored", isProfile ? result.stored() : 0);
    object.put("nodes", result.nodes().stream().map(MetaSetCommand::describe).toList());
    return object;
  }

  /** What one node did with what was put, as its JSON. */
  static Map<String, Object> describe(PutResult.NodeOutcome node) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node_id", node.id().toString());
    Contact contact = node.contact();
    if (contact != null) {
      object.put("addr", Output.text(Sockets.toSocket(contact.endpoint())));
    }
    object.put("outcome", node.outcome().name().toLowerCase(Locale.ROOT));
    if (node.outcome() == PutResult.Outcome.REJECTED) {
      object.put("code", node.errorCode());
      object.put("reason", node.reason());
    }
    return object;
  }
}
