package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytchat.tracker.message.Refusal;
import org.junit.jupiter.api.Test;

/** Goal: {@code docs/session-messages.md} says what the codec does, no less and no more. */
class SessionMessagesDocTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "session-messages.md");

  /** The rows of the table under a heading of the second or third level, without its head. */
  private static List<List<String>> table(String heading) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean here = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("#")) {
        here = line.replaceFirst("#+ ", "").equals(heading);
      } else if (here && line.startsWith("| ")) {
        String cells = line.substring(2, line.length() - 2);
        rows.add(Stream.of(cells.split(" \\| ", -1)).map(String::strip).toList());
      }
    }
    assertThat(rows).as(heading).hasSizeGreaterThan(1);
    return rows.subList(1, rows.size());
  }

  /** The names in code style in a cell, in their order. */
  private static List<String> codes(String cell) {
    return cell.equals("none")
        ? List.of()
        : Stream.of(cell.split(" ", -1)).map(code -> code.replace("`", "")).toList();
  }

  @Test
  void keys_areThoseOfTheCodec() throws IOException {
    List<List<String>> documented =
        table("Keys").stream()
            .map(row -> List.of(codes(row.get(0)).get(0), row.get(1), row.get(2)))
            .toList();
    List<List<String>> expected =
        Stream.of(FrameKey.values())
            .map(
                key ->
                    List.of(
                        key.wireName(),
                        key.type().label(),
                        "%d to %d".formatted(key.least(), key.most())))
            .toList();
    assertThat(documented).isEqualTo(expected);
  }

  @Test
  void sizes_areThoseOfTheCodec() throws IOException {
    assertThat(Files.readString(DOCUMENT))
        .contains("at most 81,920 bytes", "at most 32 keys", "at most 200 characters");
    assertThat(MessageCodec.FRAME_BYTES_MAX).isEqualTo(81_920);
    assertThat(FrameReader.ENTRIES_MAX).isEqualTo(32);
    assertThat(FrameKey.REFUSAL_TEXT_MAX).isEqualTo(200);
  }

  @Test
  void refusals_areThoseOfTheEnum() throws IOException {
    List<List<String>> documented =
        table("Refusals").stream().map(row -> row.subList(0, 2)).toList();
    assertThat(documented)
        .isEqualTo(
            Stream.of(Refusal.values())
                .map(refusal -> List.of(String.valueOf(refusal.code()), refusal.name()))
                .toList());
  }

  @Test
  void requests_areThoseOfTheCodecWithTheirKeys() throws IOException {
    assertMessages("Requests", "q", MessageVectors.requests());
  }

  @Test
  void responses_areThoseOfTheCodecWithTheirKeys() throws IOException {
    Map<String, byte[]> answers = MessageVectors.responses();
    answers.keySet().removeIf(name -> name.startsWith("refused"));
    assertMessages("Responses", "r", answers);
  }

  /** Compares with the samples, among which are all messages with and without optional parts. */
  private static void assertMessages(String heading, String nameKey, Map<String, byte[]> samples)
      throws IOException {
    Map<String, Set<String>> keys = new LinkedHashMap<>();
    Map<String, Set<String>> always = new LinkedHashMap<>();
    for (byte[] frame : samples.values()) {
      Map<String, byte[]> entries = Packed.entries(frame);
      byte[] packedName = entries.getOrDefault(nameKey, new byte[1]);
      String name = new String(packedName, 1, packedName.length - 1, StandardCharsets.US_ASCII);
      Set<String> found = new LinkedHashSet<>(entries.keySet());
      assertThat(List.copyOf(found).subList(0, 2)).containsExactly("i", nameKey);
      found.removeAll(Set.of("i", nameKey));
      keys.computeIfAbsent(name, unused -> new TreeSet<>()).addAll(found);
      always.computeIfAbsent(name, unused -> new TreeSet<>(found)).retainAll(found);
      List<String> inOrder = new ArrayList<>(documentedKeys(heading, name));
      inOrder.retainAll(found);
      assertThat(List.copyOf(found)).as(name).isEqualTo(inOrder);
    }
    Map<String, Set<String>> documented = new LinkedHashMap<>();
    Map<String, Set<String>> required = new LinkedHashMap<>();
    for (List<String> row : table(heading)) {
      String name = codes(row.get(0)).get(0);
      documented.put(name, new TreeSet<>(codes(row.get(1))));
      Set<String> rest = new TreeSet<>(codes(row.get(1)));
      rest.removeAll(codes(row.get(2)));
      required.put(name, rest);
    }
    assertThat(documented).isEqualTo(keys);
    assertThat(required).isEqualTo(always);
  }

  private static List<String> documentedKeys(String heading, String name) throws IOException {
    return table(heading).stream()
        .filter(row -> codes(row.get(0)).contains(name))
        .map(row -> codes(row.get(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not documented"));
  }

  @Test
  void answers_areResponsesOfTheDocument() throws IOException {
    List<String> responses =
        table("Responses").stream().map(row -> codes(row.get(0)).get(0)).toList();
    Set<String> answers = new LinkedHashSet<>();
    table("Requests").forEach(row -> answers.addAll(codes(row.get(3))));
    assertThat(answers).containsExactlyInAnyOrderElementsOf(responses);
  }
}
