package org.bytchat.tracker.store;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;

/**
 * Commits envelopes until it is killed, each to one of a few mailboxes, and prints the mailbox's
 * number and the digest of each once the commit has been synced. Some are deleted again, which is
 * printed before it is asked for.
 */
final class StoreCrashMain {

  private static final int SUBMITTERS = 8;
  private static final int DELETE_EACH = 7;

  private StoreCrashMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    long round = Long.parseLong(args[1]);
    SqliteStore store = SqliteStore.open(folder, SqliteStore.Options.defaults());
    GroupCommit writer = new GroupCommit(store, GroupCommit.Limits.defaults());
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    for (int i = 0; i < SUBMITTERS; i++) {
      int number = i + 1;
      new Thread(() -> run(new Submitter(number, round, store, writer, out))).start();
    }
  }

  private record Submitter(
      int number, long round, SqliteStore store, GroupCommit writer, PrintStream out) {}

  private static void run(Submitter submitter) {
    NodeId mailbox = StoreFixtures.mailbox(submitter.number());
    try {
      long sequence = submitter.store().load(mailbox).map(StoredMailbox::nextSequence).orElse(1L);
      for (long i = 0; ; i++) {
        long seed = (submitter.round() << 40) + ((long) submitter.number() << 32) + i;
        byte[] envelope = StoreFixtures.envelope(seed, 1_024);
        Digest digest = Digest.sha256(envelope);
        StoredMailbox.Entry entry = StoreFixtures.entry(sequence++, envelope, 20_000);
        commit(submitter, new Change.PutEnvelope(mailbox, entry, envelope, null));
        submitter.out().println("put " + submitter.number() + " " + digest);
        if (i % DELETE_EACH == 0) {
          submitter.out().println("deleting " + submitter.number() + " " + digest);
          commit(submitter, new Change.Delete(mailbox, digest, 1));
        }
      }
    } catch (StoreException e) {
      submitter.out().println("failed " + e.getMessage());
    }
  }

  private static void commit(Submitter submitter, Change change) {
    submitter.writer().submit(List.of(change)).orElseThrow().join();
  }
}
