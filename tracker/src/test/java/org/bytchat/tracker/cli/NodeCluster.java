package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.keyspace.NodeId;

/** Processes that join through the first one, and are watched through their metrics. */
final class NodeCluster implements AutoCloseable {

  static final Duration LIMIT = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Member> members = new ArrayList<>();

  /**
   * A node of its own process.
   *
   * @param process the process
   * @param ready the line that it printed when it was ready
   */
  record Member(NodeProcess process, JsonNode ready) {

    NodeId id() {
      return NodeId.parse(ready.path("node_id").asText());
    }

    /** Where the node is, HOST:PORT. */
    String udp() {
      return ready.path("udp").asText();
    }

    /** Where its metrics are. */
    String metrics() {
      return ready.path("metrics").asText();
    }
  }

  /** Starts one more node with further arguments; returns it when its port is open. */
  Member start(String... args) throws IOException, InterruptedException {
    return startUnder(List.of(), args);
  }

  /** Starts one more by another program, which must become it. */
  Member startUnder(List<String> starter, String... args) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(args));
    if (!members.isEmpty()) {
      all.addAll(List.of("--bootstrap", members.get(0).udp()));
    }
    return add(starter, all);
  }

  /** Starts one more node that knows nobody, unless the arguments say so. */
  Member startAlone(String... args) throws IOException, InterruptedException {
    return add(List.of(), new ArrayList<>(List.of(args)));
  }

  private Member add(List<String> starter, List<String> args)
      throws IOException, InterruptedException {
    args.addAll(List.of("--metrics-port", "0"));
    NodeProcess process = NodeProcess.runUnder(starter, args.toArray(new String[0]));
    try {
      Member member = new Member(process, process.await("ready"));
      members.add(member);
      return member;
    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
      process.close();
      throw e;
    }
  }

  /** All that were started and not killed, in that order. */
  List<Member> members() {
    return List.copyOf(members);
  }

  /** Waits until each node has all others in its table. */
  void awaitFullTables() throws IOException, InterruptedException {
    for (Member member : members) {
      assertThat(member.process().await("joined").path("contacts").asInt()).isPositive();
    }
    awaitContacts();
  }

  /** Waits until each node has the others in its table, and nobody who is gone. */
  void awaitContacts() {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              List<Double> contacts = new ArrayList<>();
              for (Member member : members) {
                contacts.add(gauge(member, "bytchat_contacts"));
              }
              assertThat(contacts).containsOnly(members.size() - 1.0);
            });
  }

  /** Kills a node's process without a warning. */
  void kill(Member member) throws InterruptedException {
    member.process().kill();
    members.remove(member);
  }

  /** Returns the present value of a metric. */
  double gauge(Member member, String name) throws IOException, InterruptedException {
    Matcher matcher = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(metrics(member));
    assertThat(matcher.find()).as(name).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /** Returns all metrics as they are served. */
  String metrics(Member member) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(member.metrics())).timeout(LIMIT).build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  @Override
  public void close() {
    members.forEach(member -> member.process().close());
  }
}
