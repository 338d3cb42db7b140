package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.PHONE;
import static org.bytchat.tracker.store.StoreFixtures.digest;
import static org.bytchat.tracker.store.StoreFixtures.mailbox;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.store.SqliteStore.Options;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of page of every table and index is checked at a start after an unclean end. */
class SqlitePageDamageTest {

  private static final int MAILBOXES = 400;
  private static final int ENVELOPES_EACH = 3;
  private static final int PART_BYTES = 100;
  private static final int BIG_BYTES = 30_000;

  /** Where the file's header has the first page that is free. */
  private static final int FREE_LIST_AT = 32;

  @TempDir Path folder;

  private Path database() {
    return folder.resolve("mailboxes.sqlite");
  }

  /** Enough of everything for each tree to have a root with pages below it. */
  @BeforeEach
  void fill() throws StoreException {
    try (SqliteStore store = SqliteStore.open(folder, Options.defaults())) {
      List<Change> changes = new ArrayList<>();
      for (int i = 1; i <= MAILBOXES; i++) {
        changes.add(new Change.PutPart(mailbox(i), Part.OWNER, new byte[PART_BYTES]));
        for (int version = 1; version <= 3; version++) {
          changes.add(confirm(i, version));
        }
        for (int j = 1; j <= ENVELOPES_EACH; j++) {
          changes.add(put(mailbox(i), j, i * 100L + j, 20_000));
        }
        List<Digest> acked = List.of(digest(i * 100L + 1), digest(i * 100L + 2));
        changes.add(new Change.PutAcks(mailbox(i), PHONE, new byte[PART_BYTES], acked, 6));
        changes.add(new Change.Delete(mailbox(i), digest(i * 100L + 1), 7));
      }
      changes.add(new Change.PutPart(mailbox(1), Part.DEVICES, new byte[BIG_BYTES]));
      store.commit(changes);
      // What is replaced by something short leaves free pages behind.
      store.commit(List.of(new Change.PutPart(mailbox(2), Part.DEVICES, new byte[BIG_BYTES])));
      store.commit(List.of(new Change.PutPart(mailbox(2), Part.DEVICES, new byte[1])));
    }
  }

  private static Change confirm(int mailbox, int version) {
    return new Change.PutConfirmation(
        mailbox(mailbox), new StoredMailbox.Confirmation(version, 1, version));
  }

  /** A page of each kind: the name of its tree and what it is there, with its number. */
  private Map<String, Integer> pages() throws SQLException, IOException {
    Map<String, Integer> pages = new TreeMap<>();
    try (Connection connection = Sqlite.reader(database());
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, pagetype, pageno FROM dbstat ORDER BY pageno")) {
      while (rows.next()) {
        pages.put(rows.getString(1) + " " + rows.getString(2), rows.getInt(3));
      }
    }
    ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(database()));
    pages.put("free list", header.getInt(FREE_LIST_AT));
    return pages;
  }

  private void assertFound(byte[] original, String kind, int page, byte[] bytes)
      throws IOException {
    Files.write(database(), original);
    try (FileChannel channel = FileChannel.open(database(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), (page - 1L) * Sqlite.PAGE_BYTES);
    }
    byte[] damaged = Files.readAllBytes(database());
    assertThatThrownBy(() -> SqliteStore.open(folder, Options.defaults()).close())
        .as("%s, page %d", kind, page)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DAMAGED))
        .hasMessageContaining(database().toString());
    assertThat(Files.readAllBytes(database())).as("is left as it is").isEqualTo(damaged);
  }

  private void assertFound(Map<String, Integer> pages, Function<byte[], byte[]> damage)
      throws IOException {
    byte[] original = Files.readAllBytes(database());
    for (Map.Entry<String, Integer> page : pages.entrySet()) {
      int at = (page.getValue() - 1) * Sqlite.PAGE_BYTES;
      byte[] bytes = new byte[Sqlite.PAGE_BYTES];
      System.arraycopy(original, at, bytes, 0, bytes.length);
      assertFound(original, page.getKey(), page.getValue(), damage.apply(bytes));
    }
  }

  @Test
  void pagesOfTheTest_areOfEveryKindOfEveryTree() throws Exception {
    assertThat(pages())
        .containsKeys(
            "free list",
            "mailbox internal",
            "mailbox leaf",
            "mailbox_by_end internal",
            "mailbox_by_end leaf",
            "sqlite_autoindex_mailbox_1 internal",
            "sqlite_autoindex_mailbox_1 leaf",
            "entry internal",
            "entry leaf",
            "envelope internal",
            "envelope leaf",
            "ack internal",
            "ack leaf",
            "ack_batch internal",
            "ack_batch leaf",
            "ack_batch_by_mailbox leaf",
            "part internal",
            "part leaf",
            "part overflow",
            "confirmation internal",
            "confirmation leaf",
            "total leaf",
            "sqlite_schema leaf");
  }

  @Test
  void open_pageOfAnyKindWithRubbish_isNamed() throws Exception {
    Random random = Seeds.random(1);
    assertFound(
        pages(),
        page -> {
          random.nextBytes(page);
          return page;
        });
  }

  @Test
  void open_pageOfAnyKindWithZeros_isNamed() throws Exception {
    Map<String, Integer> pages = pages();
    // A page of zeros ends a list of free pages, and a chain of an overflow where it should end.
    pages.remove("free list");
    pages.remove("part overflow");
    assertFound(pages, page -> new byte[page.length]);
  }

  @Test
  void open_halfAPageLost_isNamed() throws Exception {
    Map<String, Integer> pages = pages();
    pages.remove("free list");
    pages.remove("part overflow");
    assertFound(
        pages,
        page -> {
          Arrays.fill(page, 0, page.length / 2, (byte) 0);
          return page;
        });
  }

  @Test
  void open_pageOfAnotherTable_isNamed() throws Exception {
    byte[] original = Files.readAllBytes(database());
    Map<String, Integer> pages = pages();
    int entries = pages.getOrDefault("entry leaf", 0);
    byte[] stranger = new byte[Sqlite.PAGE_BYTES];
    System.arraycopy(
        original,
        (pages.getOrDefault("envelope leaf", 0) - 1) * stranger.length,
        stranger,
        0,
        stranger.length);
    assertFound(original, "entry leaf", entries, stranger);
  }
}
