package org.bytchat.tracker.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MainlineItem;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Finds an item of Mainline's dialect. */
@Command(
    name = "get",
    description =
        "Finds an item of BitTorrent's DHT (BEP 44), verifies it, and prints it as JSON: a text as"
            + " value, anything else as bencoded, in hexadecimal digits.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ItemGetCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private ClientOptions client = new ClientOptions();

  @Mixin private ItemOptions item = new ItemOptions();

  @Parameters(
      paramLabel = "TARGET",
      converter = Converters.Target.class,
      description =
          "Where the item lies, as item put prints it: 40 hexadecimal digits. If it has a salt,"
              + " that must be given too.")
  @SuppressWarnings("NullAway.Init")
  private NodeId target;

  ItemGetCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    byte[] salt = item.salt();
    MainlineItem found =
        client.run(
            output,
            "Reading the item",
            item::applyTo,
            node ->
                client
                    .await(node.mainline().item(target, salt), "the item could not be read")
                    .orElseThrow(
                        () ->
                            new CommandFailure(
                                ExitCode.NOT_FOUND, "no item at " + target + " was found")));
    output.json(describe(found));
    return ExitCode.DONE;
  }

  private static Map<String, Object> describe(MainlineItem found) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("target", found.target().toString());
    String text = text(found.value());
    if (text == null) {
      object.put("bencoded", HexFormat.of().formatHex(found.value()));
    } else {
      object.put("value", text);
    }
    if (found.isMutable()) {
      object.put("key", HexFormat.of().formatHex(found.publicKey()));
      object.put("seq", found.sequence());
    }
    // Whatever is not, is not found.
    object.put("verified", true);
    return object;
  }

  /** Returns the text that a bencoded value is, or null if it is none. */
  private static @Nullable String text(byte[] bencoded) {
    int colon = 0;
    while (colon < bencoded.length && bencoded[colon] >= '0' && bencoded[colon] <= '9') {
      colon++;
    }
    if (colon == 0 || colon == bencoded.length) {
      return null;
    }
    int start = colon + 1;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bencoded, start, bencoded.length - start))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
