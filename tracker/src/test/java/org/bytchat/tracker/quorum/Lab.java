package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.DeliveryKeys;

/** Real trackers and real clients on virtual time, with everything between them that can fail. */
final class Lab {

  static final SignatureScheme SCHEME = HashScheme.INSTANCE;

  private static final long START_NANOS = -9_000_000_000_000_000_000L;
  private static final long START_MILLIS = 1_800_000_000_000L;

  final Random random;
  final List<LabTracker> trackers = new ArrayList<>();
  final List<Party> parties = new ArrayList<>();

  /** How long things take at most. */
  long delayMaxNanos = 1_000_000;

  /** How many percent of the requests, and as many of the answers, get lost. */
  int lossPercent;

  long nowNanos = START_NANOS;

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::atNanos).thenComparing(Task::order));
  private long nextTask;

  /** Something that happens at a time. */
  private record Task(long atNanos, long order, Runnable action) {}

  /** Whoever has an engine. */
  interface Party {

    /** Takes the effects and events of its engine. */
    void pump();

    long nextNanos();

    void handleTimeout();
  }

  Lab(long seed, int trackerCount) {
    this.random = Seeds.random(seed);
    for (int i = 0; i < trackerCount; i++) {
      addTracker();
    }
  }

  LabTracker addTracker() {
    LabTracker made = new LabTracker(this, trackers.size());
    trackers.add(made);
    parties.add(made);
    return made;
  }

  LabTracker tracker(NodeId id) {
    return trackers.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  TestUser user(int devices) {
    return new TestUser(SCHEME, random, devices);
  }

  static DeliveryKeys.Key key(byte[] publicKey) {
    return new DeliveryKeys.Key(publicKey, 60_000, 1_000);
  }

  long wallMillis() {
    return START_MILLIS + (nowNanos - START_NANOS) / 1_000_000;
  }

  /** Returns the trackers that can be found, the closest first. */
  List<LabTracker> closest(NodeId mailbox) {
    return trackers.stream()
        .filter(tracker -> tracker.isListed)
        .sorted((one, other) -> mailbox.compareDistance(one.id(), other.id()))
        .toList();
  }

  List<Contact> find(NodeId mailbox, int count) {
    return closest(mailbox).stream().limit(count).map(LabTracker::contact).toList();
  }

  // Time

  boolean happens(int percent) {
    return random.nextInt(100) < percent;
  }

  void later(Runnable action) {
    at(nowNanos + (long) (random.nextDouble() * delayMaxNanos), action);
  }

  void at(long atNanos, Runnable action) {
    tasks.add(new Task(atNanos, nextTask++, action));
  }

  void run(Duration duration) {
    long until = nowNanos + duration.toNanos();
    parties.forEach(Party::pump);
    while (true) {
      long taskNanos = tasks.isEmpty() ? Long.MAX_VALUE : tasks.element().atNanos;
      long next = taskNanos;
      for (Party party : parties) {
        next = Math.min(next, party.nextNanos());
      }
      if (next > until) {
        break;
      }
      nowNanos = Math.max(nowNanos, next);
      if (taskNanos <= nowNanos) {
        tasks.remove().action.run();
      }
      for (Party party : List.copyOf(parties)) {
        if (party.nextNanos() <= nowNanos) {
          party.handleTimeout();
          assertThat(party.nextNanos()).as("deadlines move on").isGreaterThan(nowNanos);
        }
        party.pump();
      }
    }
    nowNanos = until;
  }

  void seconds(long seconds) {
    run(Duration.ofSeconds(seconds));
  }
}
