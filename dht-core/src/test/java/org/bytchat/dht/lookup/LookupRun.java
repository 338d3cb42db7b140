package org.bytchat.dht.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.lookup.IterativeLookup.Limits;

/**
 * One lookup in a {@link StaticNetwork} whose answers arrive in any order, with a plain account of
 * what it knows against which each of its steps is checked.
 */
final class LookupRun {

  private enum State {
    HEARD,
    ASKED,
    SLOW,
    ANSWERED,
    FAILED
  }

  private static final class Known {
    final Contact contact;
    final int path;
    State state = State.HEARD;

    Known(Contact contact, int path) {
      this.contact = contact;
      this.path = path;
    }
  }

  private static final int ANY_PATH = -1;

  /** All that was ever named, whether it was taken or not. */
  final Set<Contact> named = new HashSet<>();

  private final StaticNetwork network;
  private final Limits limits;
  private final Random random;
  private final boolean capExpected;
  private final IterativeLookup lookup;
  private final Map<Contact, Known> known = new LinkedHashMap<>();
  private final Set<Contact> asked = new HashSet<>();
  private final List<Contact> underWay = new ArrayList<>();
  private int responses;
  private int failures;
  private int nextSeedPath;

  /**
   * Prepares a lookup.
   *
   * @param capExpected whether it may run into the limit of candidates, in which case whom it asks
   *     is checked less strictly
   */
  LookupRun(StaticNetwork network, Limits limits, Random random, boolean capExpected) {
    this.network = network;
    this.limits = limits;
    this.random = random;
    this.capExpected = capExpected;
    this.lookup = new IterativeLookup(network.own, network.target, limits, LookupDefences.NONE, 0);
  }

  LookupResult run(List<Contact> seeds) {
    for (Contact seed : seeds) {
      lookup.seed(seed);
      if (name(seed, nextSeedPath)) {
        nextSeedPath = (nextSeedPath + 1) % limits.paths();
      }
    }
    int steps = 0;
    while (true) {
      // A request, an event of being slow, an answer: three steps at most for each candidate.
      assertThat(++steps).as("steps").isLessThanOrEqualTo(5 * limits.candidatesMax() + 5);
      if (!underWay.isEmpty() && random.nextInt(3) == 0) {
        deliver();
      }
      LookupStep step = lookup.next();
      if (step instanceof LookupStep.Ask ask) {
        onAsk(ask.contact());
      } else if (step instanceof LookupStep.Wait) {
        onWait();
      } else {
        return onDone();
      }
    }
  }

  private void onAsk(Contact contact) {
    assertThat(asked.add(contact)).as("asked twice: %s", contact).isTrue();
    assertThat(contact.id()).as("own id").isNotEqualTo(network.own);
    assertThat(asked.size()).isLessThanOrEqualTo(limits.candidatesMax());
    Known candidate = known.get(contact);
    if (candidate == null) {
      throw new AssertionError("never heard of: " + contact);
    }
    if (!capExpected) {
      assertThat(candidate.state).isEqualTo(State.HEARD);
      // First the part of each path, then the closest of all.
      int path = arePathsDone() ? ANY_PATH : candidate.path;
      Contact nearest =
          inQuestion(path).stream()
              .filter(other -> other.state == State.HEARD)
              .findFirst()
              .orElseThrow()
              .contact;
      assertThat(contact.id()).as("nearest not asked").isEqualTo(nearest.id());
    }
    candidate.state = State.ASKED;
    underWay.add(contact);
    // What was forgotten and is named again may change its path.
    int all = limits.parallelism() * limits.paths();
    assertThat(capExpected ? askedOn(ANY_PATH) : askedOn(candidate.path))
        .isLessThanOrEqualTo(capExpected ? all : limits.parallelism());
  }

  private void onWait() {
    assertThat(underWay).as("waits for nothing").isNotEmpty();
    for (int path = 0; path < limits.paths() && !capExpected; path++) {
      boolean couldAsk = inQuestion(path).stream().anyMatch(other -> other.state == State.HEARD);
      assertThat(couldAsk && askedOn(path) < limits.parallelism()).as("idle").isFalse();
    }
    deliver();
  }

  private LookupResult onDone() {
    if (!capExpected) {
      assertThat(arePathsDone()).isTrue();
      assertThat(inQuestion(ANY_PATH)).allMatch(other -> other.state == State.ANSWERED);
    }
    LookupResult result = lookup.result(0);
    List<Contact> answered =
        known.values().stream()
            .filter(other -> other.state == State.ANSWERED)
            .map(other -> other.contact)
            .toList();
    assertThat(result.closest()).isEqualTo(network.nearest(answered, limits.closest()));
    assertThat(result.requests()).isEqualTo(asked.size());
    assertThat(result.responses()).isEqualTo(responses);
    assertThat(result.failures()).isEqualTo(failures);
    assertThat(result.rounds()).isLessThanOrEqualTo(result.requests());
    assertThat(result.depth()).isLessThan(Math.max(1, result.rounds()));
    return result;
  }

  /** Lets something happen to one of the requests under way. */
  private void deliver() {
    int index = random.nextInt(underWay.size());
    Contact contact = underWay.get(index);
    Known candidate = known.get(contact);
    boolean isAwaited = candidate != null;
    if (candidate != null && candidate.state == State.ASKED && random.nextInt(4) == 0) {
      assertThat(lookup.onSlow(contact)).isTrue();
      candidate.state = State.SLOW;
      return;
    }
    underWay.remove(index);
    if (!network.answers(contact)) {
      assertThat(lookup.onFailure(contact)).isEqualTo(isAwaited);
      if (candidate != null) {
        candidate.state = State.FAILED;
        failures++;
      }
      return;
    }
    List<Contact> referred = network.ask(contact);
    Contact[] padded = referred.toArray(new Contact[referred.size() + 3]);
    assertThat(lookup.onResponse(contact, padded, referred.size())).isEqualTo(isAwaited);
    assertThat(lookup.candidateCount()).isLessThanOrEqualTo(limits.candidatesMax());
    if (candidate != null) {
      candidate.state = State.ANSWERED;
      responses++;
      known.values().removeIf(o -> o != candidate && o.contact.id().equals(contact.id()));
      referred.forEach(other -> name(other, candidate.path));
    }
  }

  private boolean name(Contact contact, int path) {
    named.add(contact);
    boolean isSettled =
        known.values().stream()
            .anyMatch(o -> o.state == State.ANSWERED && o.contact.id().equals(contact.id()));
    return !contact.id().equals(network.own)
        && !isSettled
        && known.putIfAbsent(contact, new Known(contact, path)) == null;
  }

  private long askedOn(int path) {
    return known.values().stream()
        .filter(other -> isOn(other, path) && other.state == State.ASKED)
        .count();
  }

  private static boolean isOn(Known candidate, int path) {
    return path == ANY_PATH || candidate.path == path;
  }

  private boolean arePathsDone() {
    return IntStream.range(0, limits.paths())
        .mapToObj(this::inQuestion)
        .flatMap(List::stream)
        .allMatch(other -> other.state == State.ANSWERED);
  }

  /** Returns the closest contacts that a path is about and that have not failed, nearest first. */
  private List<Known> inQuestion(int path) {
    List<Contact> live =
        known.values().stream()
            .filter(other -> isOn(other, path) && other.state != State.FAILED)
            .map(other -> other.contact)
            .toList();
    int part = (limits.closest() + limits.paths() - 1) / limits.paths();
    int count = path == ANY_PATH ? limits.closest() : part;
    return network.nearest(live, count).stream().map(known::get).toList();
  }
}
