package org.bytchat.tracker.cli;

import java.util.concurrent.Callable;
import org.bytchat.tracker.store.SqliteStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Counts what is kept. */
@Command(
    name = "stats",
    description = "Prints as JSON how much the mailboxes keep, also while a node has them.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MailboxStatsCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private MailboxCommand.Folder folder = new MailboxCommand.Folder();

  MailboxStatsCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() {
    output.json(MailboxCommand.describe(folder.apply(SqliteStore::stats)));
    return ExitCode.DONE;
  }
}
