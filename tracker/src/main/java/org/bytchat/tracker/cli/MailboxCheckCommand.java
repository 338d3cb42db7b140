package org.bytchat.tracker.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoreStats;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks the mailboxes, and repairs them if that is asked for. */
@Command(
    name = "check",
    description = {
      "Reads all mailboxes, verifies every envelope, and prints as JSON what was found, also while"
          + " a node has them. Ends with 5 if something is damaged.",
      "With --repair, and no node running: makes new mailboxes of what can be verified, and moves"
          + " the damaged ones aside."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MailboxCheckCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private MailboxCommand.Folder folder = new MailboxCommand.Folder();

  @Option(names = "--repair", description = "Repair what is damaged; else nothing is changed.")
  private boolean repair;

  MailboxCheckCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() {
    return repair ? repair() : check();
  }

  private int check() {
    SqliteStore.CheckReport report = folder.apply(SqliteStore::check);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("sound", report.isSound());
    object.putAll(MailboxCommand.describe(report.totals()));
    object.put("problem_count", report.problemCount());
    object.put("problems", report.problems());
    output.json(object);
    if (report.isSound()) {
      return ExitCode.DONE;
    }
    output.message("bytchat-node: the mailboxes are damaged" + folder.repairHint());
    return ExitCode.REFUSED;
  }

  private int repair() {
    SqliteStore.RepairReport report = folder.apply(SqliteStore::repair);
    Path damaged = report.damaged();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("repaired", damaged != null);
    object.put("damaged", damaged == null ? null : damaged.toString());
    object.put("kept", MailboxCommand.describe(report.kept()));
    object.put("lost", lost(report));
    output.json(object);
    return ExitCode.DONE;
  }

  /** What was lost, null if the damaged database did not say what it had. */
  private static @Nullable Map<String, Object> lost(SqliteStore.RepairReport report) {
    StoreStats before = report.before();
    if (before == null) {
      return null;
    }
    Map<String, Object> lost = new LinkedHashMap<>();
    lost.put("mailboxes", report.lostMailboxes());
    lost.put("envelopes", report.lostEnvelopes());
    return lost;
  }
}
