package org.bytchat.tracker.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreContractTest extends MailboxStoreContract {

  @TempDir Path folder;

  @Override
  MailboxStore open() throws StoreException {
    return SqliteStore.open(folder, SqliteStore.Options.defaults());
  }
}
