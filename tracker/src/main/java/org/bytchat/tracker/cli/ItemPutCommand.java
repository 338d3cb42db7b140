package org.bytchat.tracker.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.StorePut;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts an item of Mainline's dialect. */
@Command(
    name = "put",
    description = {
      "Puts a text on the nodes of BitTorrent's DHT (BEP 44) that are closest to it; prints what"
          + " each of them did as JSON.",
      "With a key the item is mutable: it is signed, and replaces what is there. It is kept for"
          + " about two hours."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ItemPutCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private ClientOptions client = new ClientOptions();

  @Mixin private ItemOptions item = new ItemOptions();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The owner's Ed25519 key, PKCS#8 in PEM, as keygen writes it. Default: no owner, and an"
              + " item that nobody can change.")
  private @Nullable Path keyFile;

  @Option(
      names = "--passphrase-fd",
      paramLabel = "N",
      converter = Converters.Descriptor.class,
      description = "File descriptor to read the passphrase of an encrypted key from.")
  private @Nullable Integer passphraseDescriptor;

  @Option(
      names = "--seq",
      paramLabel = "N",
      converter = Converters.Sequence.class,
      description = "Sequence number of a mutable item. Default: one more than what is there has.")
  private @Nullable Long sequence;

  @Option(
      names = "--cas",
      paramLabel = "N",
      converter = Converters.Sequence.class,
      description =
          "Replace only what has this sequence number; nodes that hold another refuse."
              + " Default: replace any.")
  private @Nullable Long expected;

  @Parameters(paramLabel = "VALUE", description = "The text, up to 996 bytes of UTF-8.")
  @SuppressWarnings("NullAway.Init")
  private String value;

  ItemPutCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    byte[] salt = item.salt();
    byte[] bencoded = bencoded();
    UserKey key = keyFile == null ? null : key(keyFile);
    if (key == null && (salt.length > 0 || sequence != null || expected != null)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "options '--salt', '--seq' and '--cas' are for mutable items: give --key");
    }
    return client.run(
        output,
        "Putting the item",
        item::applyTo,
        node -> {
          MainlineItem made =
              key == null ? MainlineItem.immutable(bencoded) : signed(node, key, salt, bencoded);
          long expectedSequence = expected == null ? StorePut.ANY_SEQUENCE : expected;
          return report(
              made,
              client.await(
                  node.mainline().put(made, expectedSequence), "the item could not be put"));
        });
  }

  private byte[] bencoded() {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    byte[] head = (text.length + ":").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(head, head.length + text.length);
    System.arraycopy(text, 0, whole, head.length, text.length);
    if (whole.length > MainlineItem.VALUE_BYTES_MAX) {
      throw new CommandFailure(
          ExitCode.REFUSED,
          "VALUE has %d bytes; an item has at most %d with its header of %d"
              .formatted(text.length, MainlineItem.VALUE_BYTES_MAX, head.length));
    }
    return whole;
  }

  private UserKey key(Path file) {
    UserKey key = KeyFile.read(file, passphraseDescriptor);
    if (key.publicKey().algorithm() != UserPublicKey.Algorithm.ED25519) {
      throw new CommandFailure(
          ExitCode.REFUSED,
          "option '--key': items are signed with Ed25519, and this key is "
              + key.publicKey().type());
    }
    return key;
  }

  private MainlineItem signed(DhtNode node, UserKey key, byte[] salt, byte[] bencoded)
      throws InterruptedException {
    byte[] encoded = key.publicKey().encoded();
    byte[] raw =
        Arrays.copyOfRange(encoded, encoded.length - MainlineItem.PUBLIC_KEY_BYTES, encoded.length);
    long number = sequence == null ? nextSequence(node, raw, salt) : sequence;
    byte[] signature = key.sign(MainlineItem.statement(salt, number, bencoded));
    return MainlineItem.mutable(raw, salt, number, bencoded, signature);
  }

  private long nextSequence(DhtNode node, byte[] raw, byte[] salt) throws InterruptedException {
    Optional<MainlineItem> present =
        client.await(
            node.mainline().item(MainlineItem.targetOf(raw, salt, salt.length), salt),
            "the present item could not be read");
    long held = present.map(MainlineItem::sequence).orElse(0L);
    if (held == Long.MAX_VALUE) {
      throw new CommandFailure(
          ExitCode.REFUSED, "what is there has the highest sequence number there is");
    }
    return held + 1;
  }

  private int report(MainlineItem made, PutResult result) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("target", made.target().toString());
    if (made.isMutable()) {
      object.put("key", HexFormat.of().formatHex(made.publicKey()));
      object.put("seq", made.sequence());
    }
    object.put("stored", result.stored());
    object.put("nodes", result.nodes().stream().map(MetaSetCommand::describe).toList());
    output.json(object);
    if (result.isEnough() && !result.isSuperseded()) {
      return ExitCode.DONE;
    }
    boolean isRefused =
        result.nodes().stream().anyMatch(node -> node.outcome() == PutResult.Outcome.REJECTED);
    throw new CommandFailure(
        isRefused || result.isSuperseded() ? ExitCode.REFUSED : ExitCode.NOBODY_ANSWERED,
        "the item is stored on %d of %d nodes%s%s"
            .formatted(
                result.stored(),
                result.nodes().size(),
                isRefused ? ": others refused it, see code and reason" : "",
                result.isSuperseded() ? "; a newer one is there" : ""));
  }
}
