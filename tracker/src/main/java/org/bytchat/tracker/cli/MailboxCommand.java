package org.bytchat.tracker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoreStats;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks after the mailboxes that a node keeps on disk. */
@Command(
    name = "mailbox",
    description = "Counts, copies, checks or repairs the mailboxes in a node's data folder.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MailboxCommand implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  private MailboxCommand() {}

  /** Makes the command with those below it. */
  static CommandLine commandLine(Output output) {
    return new CommandLine(new MailboxCommand())
        .addSubcommand(new MailboxStatsCommand(output))
        .addSubcommand(new MailboxBackupCommand(output))
        .addSubcommand(new MailboxCheckCommand(output));
  }

  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(
        line, "a command is missing: " + String.join(", ", line.getSubcommands().keySet()));
  }

  /** Where the mailboxes are, an option of each of the commands. */
  static final class Folder {

    @Option(
        names = "--data",
        paramLabel = "DIR",
        required = true,
        description = "The data folder of the node, as run has it.")
    @SuppressWarnings("NullAway.Init")
    private Path data;

    /** What is done with the mailboxes. */
    @FunctionalInterface
    interface Work<T> {
      T with(Path mailboxes) throws StoreException;
    }

    /**
     * Does something with the mailboxes.
     *
     * @throws CommandFailure NOT_FOUND if there are none, REFUSED if they cannot be used
     */
    <T> T apply(Work<T> work) {
      Path mailboxes = data.resolve(Tracker.FOLDER);
      if (!SqliteStore.isIn(mailboxes)) {
        throw new CommandFailure(ExitCode.NOT_FOUND, "there are no mailboxes in " + mailboxes);
      }
      try {
        return work.with(mailboxes);
      } catch (StoreException e) {
        throw new CommandFailure(ExitCode.REFUSED, e.getMessage() + hint(e), e);
      }
    }

    private String hint(StoreException e) {
      return e.reason() == StoreException.Reason.DAMAGED ? repairHint() : "";
    }

    String repairHint() {
      return MailboxCommand.repairHint(data);
    }
  }

  /** Says what to do about a damaged database. */
  static String repairHint(@Nullable Path data) {
    return "; to keep what can be read: bytchat-node mailbox check --repair --data " + data;
  }

  /** What is kept, as JSON. */
  static Map<String, Object> describe(StoreStats stats) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("mailboxes", stats.mailboxes());
    object.put("envelopes", stats.envelopes());
    object.put("envelope_bytes", stats.envelopeBytes());
    object.put("tombstones", stats.tombstones());
    object.put("ack_batches", stats.ackBatches());
    object.put("disk_bytes", stats.fileBytes());
    return object;
  }
}
