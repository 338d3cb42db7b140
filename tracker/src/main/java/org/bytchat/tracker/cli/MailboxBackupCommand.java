package org.bytchat.tracker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.tracker.store.SqliteStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Copies the mailboxes. */
@Command(
    name = "backup",
    description = {
      "Copies the mailboxes as they are at one moment to one file, also while a node has them.",
      "To use the copy, put it in the folder mailboxes of a stopped node's data folder, as"
          + " mailboxes.sqlite and with no other file there."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MailboxBackupCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private MailboxCommand.Folder folder = new MailboxCommand.Folder();

  @Parameters(paramLabel = "FILE", description = "The copy; it must not exist.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  MailboxBackupCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() {
    long bytes =
        folder.apply(
            mailboxes -> {
              SqliteStore.backupFile(mailboxes, file);
              return file.toFile().length();
            });
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", file.toString());
    object.put("bytes", bytes);
    output.json(object);
    return ExitCode.DONE;
  }
}
