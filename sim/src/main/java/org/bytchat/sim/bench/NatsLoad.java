package org.bytchat.sim.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishers that wait for JetStream's acknowledgements, each with a window of several. */
final class NatsLoad implements AutoCloseable {

  private static final String STREAM = "BENCH";
  private static final String CONFIG =
      """
      {"name":"BENCH","subjects":["bench.*"],"retention":"limits","storage":"file",\
      "discard":"old","num_replicas":1,"max_consumers":-1,"max_msgs":-1,"max_bytes":-1,\
      "max_age":0}""";

  private final List<NatsConnection> publishers = new ArrayList<>();
  private final int window;
  private long published;

  NatsLoad(NatsServer server, int count, int window) throws IOException {
    this.window = window;
    for (int i = 0; i < count; i++) {
      publishers.add(new NatsConnection(server.address(), i));
    }
    publishers.get(0).request("$JS.API.STREAM.CREATE." + STREAM, CONFIG);
  }

  /** Publishes some messages; returns the nanoseconds until the last one was acknowledged. */
  long run(int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(publishers.size());
    AtomicInteger left = new AtomicInteger(count);
    try {
      long begun = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < publishers.size(); i++) {
        int number = i;
        all.add(threads.submit(() -> publish(number, left)));
      }
      for (Future<?> each : all) {
        each.get();
      }
      published += count;
      return System.nanoTime() - begun;
    } finally {
      threads.shutdown();
    }
  }

  private Void publish(int number, AtomicInteger left) throws IOException {
    NatsConnection publisher = publishers.get(number);
    String subject = "bench." + number;
    byte[] message = new byte[MailDeposits.ENVELOPE_BYTES];
    new Random(number).nextBytes(message);
    int outstanding = 0;
    while (outstanding < window && left.getAndDecrement() > 0) {
      publisher.publish(subject, message);
      outstanding++;
    }
    publisher.flush();
    while (outstanding > 0) {
      String answer = new String(publisher.answer(), StandardCharsets.UTF_8);
      if (!answer.contains("\"seq\"")) {
        throw new IOException("JetStream: " + answer);
      }
      if (left.getAndDecrement() > 0) {
        publisher.publish(subject, message);
        publisher.flush();
      } else {
        outstanding--;
      }
    }
    return null;
  }

  /** Checks that the stream has what was acknowledged. */
  void check() throws IOException {
    JsonNode info = publishers.get(0).request("$JS.API.STREAM.INFO." + STREAM, "");
    long held = info.path("state").path("messages").asLong();
    if (held != published) {
      throw new IOException("JetStream acknowledged " + published + " and holds " + held);
    }
  }

  @Override
  public void close() throws IOException {
    for (NatsConnection publisher : publishers) {
      publisher.close();
    }
  }
}
