package org.bytchat.tracker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.Profile;
import org.bytchat.dht.identity.Uid;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds a user's profile. */
@Command(
    name = "get",
    description =
        "Finds a user's profile, verifies the user's signature and prints the profile as JSON.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MetaGetCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private ClientOptions client = new ClientOptions();

  @Parameters(
      paramLabel = "UID",
      converter = Converters.User.class,
      description = "Whose profile to find, as keygen and meta set print it.")
  @SuppressWarnings("NullAway.Init")
  private Uid uid;

  @Option(
      names = "--avatar-out",
      paramLabel = "FILE",
      description =
          "File to write the avatar to, whole or not at all. One that exists is overwritten if it"
              + " is a regular file, else refused.")
  private @Nullable Path avatarOut;

  MetaGetCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    WholeFile file = avatarOut == null ? null : new WholeFile("--avatar-out", avatarOut);
    Profile.Found found =
        client.run(
            output,
            "Reading the profile",
            node ->
                client
                    .await(node.profile(uid), "the profile could not be read")
                    .orElseThrow(
                        () ->
                            new CommandFailure(
                                ExitCode.NOT_FOUND, "no profile of " + uid + " was found")));
    CommandFailure failure = file == null ? null : write(file, found);
    // After the file, so that whoever reads the line can open it.
    output.json(describe(found));
    if (failure != null) {
      throw failure;
    }
    DhtException reason = found.avatarFailure();
    if (reason != null) {
      output.message("bytchat-node: the avatar cannot be read: " + reason.getMessage());
    }
    return ExitCode.DONE;
  }

  /** Writes the avatar; returns why not, if so. */
  private static @Nullable CommandFailure write(WholeFile file, Profile.Found found) {
    DhtException reason = found.avatarFailure();
    if (reason != null) {
      return new CommandFailure(
          NodeMain.exitCodeFor(reason),
          "the avatar cannot be read, so no file was written: " + reason.getMessage(),
          reason);
    }
    if (!found.profile().hasAvatar()) {
      return new CommandFailure(
          ExitCode.NOT_FOUND, "the profile has no avatar, so no file was written");
    }
    try {
      file.write(found.profile().avatar());
      return null;
    } catch (CommandFailure e) {
      return e;
    }
  }

  private static Map<String, Object> describe(Profile.Found found) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("uid", found.uid().toString());
    object.put("name", found.profile().name());
    object.put("seq", found.sequence());
    object.put("expires", found.expires().toString());
    object.put("avatar_bytes", found.profile().avatar().length);
    DhtException reason = found.avatarFailure();
    if (reason != null) {
      object.put("avatar_error", String.valueOf(reason.getMessage()));
    }
    // Whatever is not, is not found.
    object.put("verified", true);
    return object;
  }
}
