package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each benchmark runs and tells its figures; how good they are says no quick run. */
@Tag("alone")
class BenchCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<JsonNode> run(String name, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("bench", name, "--quick", "--json"));
    args.addAll(List.of(more));
    Captured captured = Captured.run(args.toArray(new String[0]));
    assertThat(captured.err()).isEmpty();
    assertThat(captured.exitCode()).isZero();
    List<JsonNode> results = new ArrayList<>();
    for (String line : captured.out().lines().toList()) {
      JsonNode result = JSON.readTree(line);
      assertThat(result.get("bench").asText()).isEqualTo(name);
      assertThat(result.get("cores").asInt()).isPositive();
      assertThat(result.get("jvm").asText()).contains(System.getProperty("java.runtime.version"));
      assertThat(result.get("date").asText()).matches("\\d{4}-\\d\\d-\\d\\d");
      assertThat(result.get("met").isBoolean()).isTrue();
      results.add(result);
    }
    return results;
  }

  private static double figure(JsonNode result, String name) {
    JsonNode figure = result.get("figures").get(name);
    assertThat(figure).as(name + " in " + result).isNotNull();
    assertThat(figure.get("unit").isTextual()).isTrue();
    return figure.get("value").asDouble();
  }

  private static void assertBar(JsonNode result, String name, String bar) {
    JsonNode figure = result.get("figures").get(name);
    assertThat(figure.get("bar").asText()).isEqualTo(bar);
    assertThat(figure.get("met").isBoolean()).isTrue();
  }

  private static String caseOf(JsonNode result) {
    return result.get("parameters").get("case").asText();
  }

  @Test
  void codec_quick_tellsBothSides() throws Exception {
    List<JsonNode> results = run("codec");
    assertThat(results).hasSize(8);
    assertThat(results.stream().map(each -> each.get("parameters").get("dialect").asText()))
        .containsOnly("bytchat", "mainline");
    for (JsonNode result : results) {
      int contacts = result.get("parameters").get("contacts").asInt();
      assertThat(contacts).isIn(8, 20);
      double rate = figure(result, "exchanges_per_second");
      assertThat(rate * figure(result, "exchange_ns")).isBetween(0.99e9, 1.01e9);
      if (result.get("parameters").get("side").asText().equals("server")) {
        assertBar(result, "exchanges_per_second", ">= 2,000,000");
        assertBar(result, "exchange_ns", "<= 500");
        assertBar(result, "allocated_bytes", "<= 0");
      } else {
        // Each contact that is read is an object, with an id and an endpoint.
        assertThat(figure(result, "allocated_bytes")).isGreaterThan(contacts * 40);
      }
    }
  }

  @Test
  void routing_quick_tellsOneSearch() throws Exception {
    List<JsonNode> results = run("routing");
    assertThat(results).hasSize(1);
    assertThat(figure(results.get(0), "search_ns")).isPositive();
    assertBar(results.get(0), "search_ns", "<= 600");
  }

  @Test
  void engine_quick_tellsEachAsker() throws Exception {
    List<JsonNode> results = run("engine");
    assertThat(results.stream().map(each -> each.get("parameters").get("asker").asText()))
        .hasSize(6)
        .containsOnly("read-only", "contact", "stranger");
    results.forEach(result -> assertThat(figure(result, "answer_ns")).isPositive());
  }

  @Test
  void udp_quick_tellsTheRatioOfEachQuery() throws Exception {
    List<JsonNode> results = run("udp");
    assertThat(results.stream().map(each -> each.get("parameters").get("contacts").asInt()))
        .containsExactly(0, 8, 20, 8, 0, 8, 8, 20);
    assertThat(results.stream().map(each -> each.get("parameters").get("sources").asInt()))
        .containsExactly(1, 1, 1, 64, 1, 1, 64, 1);
    for (JsonNode result : results) {
      double ours = figure(result, "answers_per_cpu_second");
      double echo = figure(result, "echo_per_cpu_second");
      assertThat(figure(result, "ratio_percent")).isBetween(99 * ours / echo, 101 * ours / echo);
      assertThat(figure(result, "lost")).isLessThan(1000);
      assertBar(result, "ratio_percent", ">= 70");
      assertBar(result, "allocated_beyond_echo_bytes", "<= 64");
      assertThat(result.get("figures").get("ratio_percent").get("aim").asText()).isEqualTo(">= 85");
    }
  }

  @Test
  void krpc_quick_comparesTheFirstServerWithTheOther() throws Exception {
    String server =
        String.join(
            " ",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            MainlineServer.class.getName(),
            "{port}");
    List<JsonNode> results = run("krpc", "--server", server, "--server", server);
    assertThat(results.stream().map(each -> each.get("parameters").get("query").asText()))
        .containsExactly("ping", "find_node");
    results.forEach(result -> assertThat(figure(result, "ratio")).isPositive());
    assertBar(results.get(1), "ratio", ">= 2");
  }

  @Test
  void growth_quick_tellsADayAndMinutes() throws Exception {
    List<JsonNode> results = run("growth");
    assertThat(results.stream().map(BenchCommandTest::caseOf))
        .containsExactly("virtual time", "virtual time", "real time");
    for (JsonNode result : results) {
      assertThat(figure(result, "answers")).isGreaterThan(1000);
      assertThat(figure(result, "puts")).isGreaterThan(100);
    }
    assertBar(results.get(1), "heap_growth_bytes", "<= 65,536");
    assertThat(figure(results.get(2), "threads_before")).isPositive();
  }

  @Test
  void memory_quick_tellsTheNodeAndTheSmallHeap() throws Exception {
    List<JsonNode> results = run("memory");
    assertThat(results).hasSize(2);
    assertThat(figure(results.get(0), "heap_bytes_per_node")).isGreaterThan(10_000);
    assertBar(results.get(0), "heap_bytes_per_node", "<= 65,536");
    assertThat(figure(results.get(1), "joined")).isEqualTo(8);
    assertThat(figure(results.get(1), "lookups_exact_percent")).isEqualTo(100);
  }

  @Test
  void flood_quick_tellsServiceAndCounters() throws Exception {
    List<JsonNode> results = run("flood", "--count", "5000");
    assertThat(results).hasSize(1);
    JsonNode result = results.get(0);
    assertThat(figure(result, "read")).isEqualTo(5000);
    assertThat(figure(result, "malformed")).isBetween(1000.0, 5000.0);
    assertThat(figure(result, "pings")).isPositive();
    assertBar(result, "pings_answered_percent", ">= 100");
  }

  @Test
  void put_quick_tellsServiceBesideTheFlood() throws Exception {
    List<JsonNode> results = run("put", "--count", "2000");
    assertThat(results).hasSizeBetween(2, 3);
    for (JsonNode result : results) {
      assertThat(result.get("parameters").get("puts_per_second").asInt()).isEqualTo(2000);
      assertThat(figure(result, "asked")).isPositive();
      assertThat(figure(result, "puts_offered_per_second")).isPositive();
      assertThat(figure(result, "records_held")).isPositive();
      assertBar(result, "p99_ms", "<= 5");
      assertBar(result, "puts_refused_otherwise", "<= 0");
    }
  }

  @Test
  void tracker_quick_tellsEachCase() throws Exception {
    List<JsonNode> cases = run("tracker");
    assertThat(cases.stream().map(BenchCommandTest::caseOf))
        .containsSequence(
            "deposits, signed before",
            "deposits, client signs and verifies",
            "deposits at half the load",
            "fetches",
            "acknowledgements",
            "idle sessions");
    JsonNode deposits = cases.get(0);
    assertBar(deposits, "deposits_per_second", ">= 2,500");
    assertThat(figure(deposits, "cpu_us_per_deposit")).isPositive();
    assertThat(figure(deposits, "receipts")).isEqualTo(400);
    assertThat(figure(deposits, "receipts_verified")).isEqualTo(20);
    JsonNode verified = cases.get(1);
    assertThat(figure(verified, "receipts_verified")).isEqualTo(400);
    assertThat(figure(verified, "deposits_per_second")).isPositive();
    JsonNode half = cases.get(2);
    assertBar(half, "p99_ms", "<= 50");
    assertThat(2 * figure(half, "planned_per_second"))
        .isCloseTo(figure(deposits, "deposits_per_second"), withPercentage(1));
    assertBar(cases.get(3), "envelopes_per_second", ">= 20,000");
    assertThat(figure(cases.get(3), "envelopes_per_page")).isBetween(1.0, 100.0);
    assertBar(cases.get(4), "envelopes_per_second", ">= 20,000");
    assertThat(figure(cases.get(4), "envelopes_per_batch")).isEqualTo(100);
    assertBar(cases.get(5), "heap_bytes_per_session", "<= 32,768");
    // Only where there is a nats-server.
    for (JsonNode nats : cases.subList(6, cases.size())) {
      assertThat(caseOf(nats)).isEqualTo("NATS JetStream");
      double theirs = figure(nats, "messages_per_second");
      assertThat(theirs * figure(nats, "deposits_per_message"))
          .isCloseTo(figure(deposits, "deposits_per_second"), withPercentage(1));
    }
  }

  @Test
  void trackerLarge_quick_tellsStartsAndFetches() throws Exception {
    List<JsonNode> results = run("tracker-large", "--count", "50");
    assertThat(results.stream().map(BenchCommandTest::caseOf))
        .containsExactly(
            "start after an end that was orderly",
            "fetches from cold mailboxes",
            "start after an end that was unclean");
    assertBar(results.get(0), "start_seconds", "<= 10");
    assertBar(results.get(2), "start_seconds", "<= 10");
    assertThat(figure(results.get(0), "disk_bytes")).isGreaterThan(50 * 10 * 1024);
    assertThat(results.get(1).get("parameters").get("envelopes").asInt()).isEqualTo(500);
    assertBar(results.get(1), "fetch_p99_ms", "<= 20");
    assertThat(figure(results.get(1), "open_p99_ms")).isPositive();
  }

  @Test
  void table_showsFiguresAndBars() {
    Captured captured = Captured.run(true, "bench", "routing", "--quick");
    assertThat(captured.out()).startsWith("routing contacts=330 wanted=20 (");
    assertThat(captured.out()).containsPattern("search_ns +[0-9.,]+ ns +<= 600 +(met|MISSED)");
    assertThat(captured.err()).as("progress on a terminal").contains("\r\033[K");
  }
}
