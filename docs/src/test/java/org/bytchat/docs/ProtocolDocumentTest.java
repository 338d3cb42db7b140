package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Services;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** Goal: {@code docs/protocol.md} says what the wire code and the vectors say. */
class ProtocolDocumentTest {

  private static final RepositoryTree TREE = RepositoryTree.find();

  private static final String TEXT = TREE.read("docs/protocol.md");

  private static final MarkdownDocument DOCUMENT = MarkdownDocument.parse(TEXT);

  /** What is said of the second dialect, in tables of the same form. */
  private static final MarkdownDocument MAINLINE =
      MarkdownDocument.parse(TREE.read("docs/mainline.md"));

  /** What is said of the tracker's values, whose files of vectors it names. */
  private static final MarkdownDocument MAILBOXES =
      MarkdownDocument.parse(TREE.read("docs/tracker.md"));

  private static final HexFormat HEX = HexFormat.of();

  /** The files of messages that are encoded as the document says. */
  private static final List<String> CANONICAL =
      List.of("ping", "find_node", "get", "put", "bind", "find", "error");

  /** The table of the entries of each body. */
  private static final Map<String, String> BODIES =
      Map.of("a", "Arguments", "r", "Results", "e", "Errors");

  @Test
  void errorCodes_areThoseOfTheCode() throws IllegalAccessException {
    Map<String, String> documented =
        new TreeMap<>(DOCUMENT.table("Error codes", "Code").map("Name", "Code"));
    documented.putAll(MAINLINE.table("Messages", "Code").map("Name", "Code"));
    assertThat(documented).isEqualTo(constants(ErrorCode.class));
  }

  @Test
  void sizes_areThoseOfTheCode() throws IllegalAccessException {
    Map<String, String> documented = new TreeMap<>();
    Map<String, String> written =
        new TreeMap<>(DOCUMENT.table("Sizes", "Constant").map("Constant", "Value"));
    written.putAll(MAINLINE.table("Messages", "Constant").map("Constant", "Value"));
    written.forEach((name, value) -> documented.put(name, value.replace(",", "")));
    assertThat(documented).isEqualTo(constants(WireLimits.class));
  }

  private static Map<String, String> constants(Class<?> holder) throws IllegalAccessException {
    Map<String, String> constants = new TreeMap<>();
    for (Field field : holder.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        constants.put(field.getName(), String.valueOf(field.getInt(null)));
      }
    }
    return constants;
  }

  @Test
  void methods_areThoseOfTheCode() {
    assertThat(DOCUMENT.table("Methods", "Method").column("Method"))
        .containsExactlyElementsOf(
            Stream.of(Method.values())
                .filter(method -> method != Method.UNKNOWN && !isMainlines(method))
                .map(Method::wireName)
                .toList());
    assertThat(MAINLINE.table("Messages", "Method").column("Method"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Method.values())
                .filter(method -> !method.isForService())
                .map(method -> method == Method.UNKNOWN ? "any other" : method.wireName())
                .toList());
  }

  @Test
  void services_areThoseOfTheCode() throws IllegalAccessException {
    assertThat(DOCUMENT.table("Services", "Bit").map("Name", "Bit"))
        .isEqualTo(constants(Services.class));
  }

  private static boolean isMainlines(Method method) {
    return method == Method.GET_PEERS || method == Method.ANNOUNCE_PEER;
  }

  @Test
  void methodSections_takeTheArgumentsThatTheTableOfArgumentsGivesThem() {
    Map<String, String> users = DOCUMENT.table("Arguments", "Key").map("Key", "Used by");
    for (Method method : List.of(Method.PING, Method.FIND_NODE, Method.PUT)) {
      List<String> expected = new ArrayList<>();
      users.forEach(
          (key, methods) -> {
            if (Arrays.asList(methods.split(" ", -1)).contains(method.wireName())) {
              expected.add(key);
            }
          });
      assertThat(
              DOCUMENT.table("Method " + method.wireName(), "Argument").column("Argument").stream()
                  .filter(argument -> !argument.equals("none")))
          .as(method.wireName())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    for (Method method : List.of(Method.BIND, Method.FIND)) {
      assertThat(
              users.entrySet().stream()
                  .filter(user -> user.getValue().matches(".*\\b" + method.wireName() + "\\b.*"))
                  .map(Map.Entry::getKey))
          .as(method.wireName())
          .containsExactlyInAnyOrderElementsOf(
              DOCUMENT.table("Methods bind and find", "Argument").column("Argument"));
    }
  }

  @Test
  void outcomes_areThoseOfTheCode() {
    List<String> documented =
        new ArrayList<>(DOCUMENT.table("Malformed input", "Outcome").column("Outcome"));
    documented.addAll(MAINLINE.table("Malformed messages", "Outcome").column("Outcome"));
    assertThat(documented)
        .isEqualTo(Stream.of(DecodeOutcome.values()).map(DecodeOutcome::name).toList());
  }

  @Test
  void envelopeKeys_areThoseThatTheCodecReads() throws ReflectiveOperationException {
    assertThat(new TreeSet<>(keys("Envelope"))).isEqualTo(keysRead(BytchatCodec.class));
  }

  @Test
  void bodyKeys_areThoseThatTheCodecReads() throws ReflectiveOperationException {
    Set<String> documented =
        BODIES.values().stream()
            .flatMap(heading -> keys(heading).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented)
        .isEqualTo(keysRead(Class.forName(BytchatCodec.class.getPackageName() + ".BodyReader")));
  }

  private static List<String> keys(String heading) {
    return DOCUMENT.table(heading, "Key").column("Key");
  }

  /** The constants of a reader: the characters of each key, packed big-endian. */
  private static Set<String> keysRead(Class<?> reader) throws ReflectiveOperationException {
    Set<String> keys = new TreeSet<>();
    for (Field field : reader.getDeclaredFields()) {
      if (field.getName().startsWith("KEY_")) {
        field.setAccessible(true);
        StringBuilder key = new StringBuilder();
        for (int rest = field.getInt(null); rest != 0; rest >>>= 8) {
          key.insert(0, (char) (rest & 0xff));
        }
        keys.add(key.toString());
      }
    }
    return keys;
  }

  @Test
  void vectors_haveTheKeysOfTheTablesInTheirOrder() {
    Map<String, Set<String>> seen = new LinkedHashMap<>();
    for (String file : CANONICAL) {
      vectors(file).forEach((name, hex) -> walk("Envelope", unpack(hex), seen));
    }
    assertThat(seen.keySet())
        .containsExactlyInAnyOrder("Envelope", "Arguments", "Results", "Errors");
    seen.forEach(
        (heading, keys) ->
            assertThat(keys).as(heading).containsExactlyInAnyOrderElementsOf(keys(heading)));
  }

  private static void walk(String heading, Value value, Map<String, Set<String>> seen) {
    List<String> found = new ArrayList<>();
    value
        .asMapValue()
        .map()
        .forEach(
            (key, inner) -> {
              String name = key.asStringValue().asString();
              found.add(name);
              String body = heading.equals("Envelope") ? BODIES.get(name) : null;
              if (body != null) {
                walk(body, inner, seen);
              }
            });
    List<String> inTableOrder = keys(heading).stream().filter(found::contains).toList();
    assertThat(found).as(heading).isEqualTo(inTableOrder);
    seen.computeIfAbsent(heading, unused -> new TreeSet<>()).addAll(found);
  }

  private static Value unpack(String hex) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(HEX.parseHex(hex))) {
      return unpacker.unpackValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void examples_areTheBytesOfTheVectors() {
    List<String> examples = new ArrayList<>();
    DOCUMENT
        .fences()
        .forEach(
            (info, dump) -> {
              String[] place = info.replace("hex ", "").split("/", -1);
              if (info.startsWith("hex ") && !place[0].equals("proof")) {
                examples.add(info);
                assertThat(bytes(dump)).as(info).isEqualTo(vectors(place[0]).get(place[1]));
              }
            });
    assertThat(examples).contains("hex ping/query", "hex ping/response-observed-ipv4");
  }

  @Test
  void proofExample_isWhatTheCodeComputes() {
    NodeIdentity prover = NodeIdentity.of(Ed25519Scheme.INSTANCE, HEX.parseHex(proof("seed")));
    assertThat(HEX.formatHex(prover.publicKey())).isEqualTo(proof("public-key"));
    assertThat(prover.id().toString()).isEqualTo(proof("id"));
    int network = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
    NodeId asker = NodeId.parse("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
    Endpoint endpoint = Endpoint.ofIpv4(0xcb007107, 6881);
    byte[] challenge = HEX.parseHex(proof("challenge"));
    byte[] endpointBytes = new byte[6];
    endpoint.write(endpointBytes, 0);
    assertThat(proof("challenge") + asker + HEX.formatHex(endpointBytes)).isEqualTo(proof("value"));
    byte[] statement = SignedBytes.proof(network, prover.id(), challenge, asker, endpoint);
    assertThat(HEX.formatHex(statement)).isEqualTo(proof("statement"));
    assertThat(HEX.formatHex(prover.sign(statement))).isEqualTo(proof("signature"));
    assertThat(DOCUMENT.table("Ids and keys", "Thing").map("Thing", "Is").get("default network"))
        .contains(HEX.toHexDigits(network));
  }

  private static String proof(String name) {
    return bytes(DOCUMENT.fence("hex proof/" + name));
  }

  /** The bytes of an annotated dump: what stands before a number sign. */
  private static String bytes(String dump) {
    return dump.lines()
        .map(line -> line.replaceFirst("#.*", "").replaceAll("\\s", ""))
        .collect(Collectors.joining());
  }

  private static Map<String, String> vectors(String file) {
    try {
      JsonNode content = new ObjectMapper().readTree(TREE.read("docs/vectors/" + file + ".json"));
      Map<String, String> vectors = new LinkedHashMap<>();
      for (JsonNode vector : content.get("vectors")) {
        vectors.put(vector.get("name").asText(), vector.get("hex").asText());
      }
      return vectors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void vectorFiles_areAllNamed() {
    List<String> files =
        TREE.files(".json")
            .filter(file -> file.startsWith("docs/vectors/"))
            .map(file -> file.substring("docs/vectors/".length()))
            .toList();
    assertThat(
            Stream.of(DOCUMENT, MAILBOXES)
                .flatMap(document -> document.table("Vectors", "File").column("File").stream())
                .filter(cell -> !cell.isBlank())
                .map(cell -> cell.replaceAll("\\[(.*)]\\(.*\\)", "$1")))
        .containsExactlyInAnyOrderElementsOf(files);
  }

  /** Figures of the text that are settings. */
  @Test
  void defaults_areThoseOfTheCode() {
    RoutingConfig routing = RoutingConfig.defaults();
    LookupConfig lookup = LookupConfig.defaults();
    LimitsConfig limits = LimitsConfig.defaults();
    Duration rotation = limits.tokenRotation();
    assertThat(TEXT.replaceAll("\\s+", " "))
        .contains(
            "default %d queries/s, %d at once"
                .formatted(limits.requestsPerSecond(), limits.requestsBurst()),
            "an answer is accepted for | %d s (default)"
                .formatted(lookup.hardTimeout().toSeconds()),
            "for slow after | %d s (default)".formatted(lookup.softTimeoutInitial().toSeconds()),
            "how many proofs it signs (default %d/s)".formatted(limits.proofsPerSecond()),
            "at least %d minutes and at most %d (defaults)"
                .formatted(rotation.toMinutes(), 2 * rotation.toMinutes()),
            "not heard of for %d minutes (default)".formatted(routing.staleAfter().toMinutes()),
            "failed %d times (default)".formatted(routing.evictAfterFailures()),
            "%d at a time (default)".formatted(lookup.parallelism()),
            "at most k (default %d) of each answer".formatted(routing.bucketSize()),
            "every %d minutes (default)".formatted(routing.refreshInterval().toMinutes()),
            "faster than %d queries/s (default)".formatted(lookup.datagramsPerSecond()));
    assertThat(limits.forwardInterval()).as("B obliges once a minute").hasMinutes(1);
  }
}
