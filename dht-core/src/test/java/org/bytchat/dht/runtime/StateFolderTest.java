package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is kept comes back whole or is named damaged; never half, never as an exception. */
@Timeout(120)
class StateFolderTest {

  @TempDir Path folder;

  private final Random random = new Random(1);

  @Test
  void contacts_bothFamilies_comeBackInOrder() {
    List<Contact> contacts = contacts(40);
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.readContacts()).isEmpty();
      state.writeContacts(contacts);
      assertThat(state.readContacts()).isEqualTo(contacts);
    }
    try (StateFolder state = StateFolder.open(folder)) {
      List<Contact> read = state.readContacts();
      assertThat(read).isEqualTo(contacts);
      assertThat(read).extracting(Contact::services).containsSequence(0, 37, 74);
      state.writeContacts(contacts(3));
      assertThat(state.readContacts()).hasSize(3);
      state.writeContacts(List.of());
      assertThat(state.readContacts()).isEmpty();
    }
  }

  @Test
  void contacts_moreThanTenThousand_areTheFirst() {
    List<Contact> contacts = contacts(10_001);
    try (StateFolder state = StateFolder.open(folder)) {
      state.writeContacts(contacts);
      assertThat(state.readContacts()).isEqualTo(contacts.subList(0, 10_000));
    }
  }

  @Test
  void readContacts_truncatedAnywhere_movesTheFileAside() throws Exception {
    byte[] whole = written();
    try (StateFolder state = StateFolder.open(folder)) {
      for (int length = 0; length < whole.length; length++) {
        assertDamaged(state, Arrays.copyOf(whole, length));
      }
    }
  }

  @Test
  void readContacts_bitFlippedAnywhere_movesTheFileAside() throws Exception {
    byte[] whole = written();
    try (StateFolder state = StateFolder.open(folder)) {
      for (int i = 0; i < whole.length; i++) {
        byte[] flipped = whole.clone();
        flipped[i] ^= (byte) (1 << i % 8);
        assertDamaged(state, flipped);
      }
    }
  }

  @Test
  void readContacts_somethingBehind_movesTheFileAside() throws Exception {
    byte[] whole = written();
    try (StateFolder state = StateFolder.open(folder)) {
      assertDamaged(state, Arrays.copyOf(whole, whole.length + 1));
      assertDamaged(state, new byte[(4 << 20) + 1]);
    }
  }

  private byte[] written() throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      state.writeContacts(contacts(2));
    }
    return Files.readAllBytes(file());
  }

  private void assertDamaged(StateFolder state, byte[] content) throws Exception {
    Files.write(file(), content);
    assertThat(state.readContacts()).isEmpty();
    assertThat(Files.exists(file())).isFalse();
    assertThat(Files.readAllBytes(folder.resolve("contacts.msgpack.damaged"))).isEqualTo(content);
  }

  @Test
  void writeContacts_leftOverOfAnInterruptedWrite_isReplaced() throws Exception {
    List<Contact> contacts = contacts(2);
    Path torn = folder.resolve("contacts.msgpack.new");
    try (StateFolder state = StateFolder.open(folder)) {
      state.writeContacts(contacts);
      Files.write(torn, new byte[] {1, 2, 3});
      assertThat(state.readContacts()).as("the old content").isEqualTo(contacts);
      state.writeContacts(contacts.subList(0, 1));
      assertThat(state.readContacts()).hasSize(1);
      assertThat(Files.exists(torn)).isFalse();
    }
  }

  @Test
  void writeContacts_cannotBeWritten_saysSoAndKeepsTheOld() throws Exception {
    List<Contact> contacts = contacts(2);
    try (StateFolder state = StateFolder.open(folder)) {
      state.writeContacts(contacts);
      Files.createDirectories(folder.resolve("contacts.msgpack.new").resolve("full"));
      assertThatThrownBy(() -> state.writeContacts(contacts.subList(0, 1)))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining("contacts could not be kept in " + file());
      assertThat(state.readContacts()).isEqualTo(contacts);
    }
  }

  @Test
  void writeContacts_threadInterrupted_writesAndKeepsTheFlag() {
    List<Contact> contacts = contacts(2);
    try (StateFolder state = StateFolder.open(folder)) {
      Thread.currentThread().interrupt();
      state.writeContacts(contacts);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(state.readContacts()).isEqualTo(contacts);
    }
  }

  @Test
  void writeContacts_afterClose_changesNothing() {
    StateFolder state = StateFolder.open(folder);
    state.writeContacts(contacts(2));
    state.close();
    state.close();
    state.writeContacts(contacts(1));
    try (StateFolder next = StateFolder.open(folder)) {
      assertThat(next.readContacts()).hasSize(2);
    }
  }

  @Test
  void identity_always_isKeptForTheOwnerAlone() throws Exception {
    Path below = folder.resolve("a").resolve("b");
    NodeIdentity first;
    try (StateFolder state = StateFolder.open(below)) {
      first = state.identity(new SecureRandom(), 0);
      state.writeContacts(contacts(1));
    }
    assertThat(Files.readAllBytes(below.resolve("node.key"))).isEqualTo(first.seed());
    for (String name : List.of("node.key", "contacts.msgpack")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(below.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
    try (StateFolder state = StateFolder.open(below)) {
      assertThat(state.identity(new SecureRandom(), 0).id()).isEqualTo(first.id());
    }
  }

  @Test
  void identity_puzzle_isSolvedByANewKeyAndAskedOfAnOldOne() throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      NodeIdentity solving = state.identity(new SecureRandom(), 6);
      int most = NodeIdentity.puzzleBits(solving.publicKey());
      assertThat(most).isGreaterThanOrEqualTo(6);
      assertThat(state.identity(new SecureRandom(), most).id()).isEqualTo(solving.id());
      assertThatThrownBy(() -> state.identity(new SecureRandom(), most + 1))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining("does not solve the network's puzzle of " + (most + 1) + " bits");
      assertThat(Files.readAllBytes(folder.resolve("node.key"))).isEqualTo(solving.seed());
    }
  }

  @Test
  void open_lockedFolder_isRefusedUnderEachOfItsNames() throws Exception {
    Path link = folder.resolveSibling(folder.getFileName() + "-link");
    Files.createSymbolicLink(link, folder);
    try {
      try (StateFolder state = StateFolder.open(link)) {
        state.writeContacts(contacts(1));
        for (Path name : List.of(folder, link, folder.resolve("."))) {
          assertThatThrownBy(() -> StateFolder.open(name))
              .isInstanceOf(StateFolder.StateException.class)
              .hasMessageContaining("in use by another node");
        }
      }
      StateFolder.open(folder).close();
    } finally {
      Files.delete(link);
    }
  }

  /** Locks are the process's: an attempt in this one must not free the folder for others. */
  @Test
  void open_refusedInThisProcess_staysLockedForOthers() throws Exception {
    try (StateFolder state = StateFolder.open(folder)) {
      assertThatThrownBy(() -> StateFolder.open(folder))
          .isInstanceOf(StateFolder.StateException.class);
      assertThat(openElsewhere()).contains("in use by another node");
      assertThat(state.readContacts()).isEmpty();
    }
    assertThat(openElsewhere()).contains("opened");
  }

  private String openElsewhere() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    assumeTrue(Files.isExecutable(java), "no java command at " + java);
    Path output = folder.resolveSibling(folder.getFileName() + ".out");
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }

  /** Opens a folder in a process of its own. */
  static final class Opener {

    private Opener() {}

    public static void main(String[] arguments) {
      try (StateFolder state = StateFolder.open(Path.of(arguments[0]))) {
        System.out.println("opened, " + state.readContacts().size() + " contacts");
      } catch (StateFolder.StateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Path file() {
    return folder.resolve("contacts.msgpack");
  }

  private List<Contact> contacts(int count) {
    return new ArrayList<>(
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    Contact.of(
                        TestContacts.randomId(random),
                        i % 3 == 0
                            ? Endpoint.ofIpv6(0x2606_2800L << 32, i, 1 + i)
                            : TestContacts.endpoint(i),
                        i * 37 % 256))
            .toList());
  }

  @Test
  void claim_ofAnotherDialect_isRefused(@TempDir Path folder) {
    Path ours = folder.resolve("ours");
    try (StateFolder state = StateFolder.open(ours)) {
      state.claim(Dialect.BYTCHAT);
      state.identity(new SecureRandom(), 0);
      state.claim(Dialect.BYTCHAT);
      assertThatThrownBy(() -> state.claim(Dialect.MAINLINE))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining("another dialect: choose another folder");
    }
    Path theirs = folder.resolve("theirs");
    try (StateFolder state = StateFolder.open(theirs)) {
      state.claim(Dialect.MAINLINE);
      state.claim(Dialect.MAINLINE);
      assertThatThrownBy(() -> state.claim(Dialect.BYTCHAT))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining(theirs.toString());
    }
  }
}
