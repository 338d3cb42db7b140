package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.IterativeLookup;
import org.bytchat.dht.lookup.LookupDefences;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.lookup.LookupStep;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** The lookups of one engine: those under way, and those that wait for a place. */
final class LookupPool {

  /** A lookup for the table ends with what it has: liars could draw it out for many minutes. */
  private static final long TABLE_LOOKUP_NANOS = 30_000_000_000L;

  /** How many lookups may wait for each that is under way. */
  private static final int WAITING_FACTOR = 16;

  /**
   * Nodes are counted within a distance in which this share of k is expected, so that the k closest
   * reach beyond it.
   */
  private static final double CROWD_SHARE = 0.8;

  /**
   * What tells of a crowd. The widest sees many that are spread, the others those few that sit at
   * the key: as all of them name these alone, a lookup may hear of no others. The fewer nodes are
   * expected, the more standard deviations (of Poisson's law) are chance. The others count answers
   * alone, or two nodes that name dead ones would make a crowd.
   */
  private static final List<CrowdSign> CROWD_SIGNS =
      List.of(new CrowdSign(1, 4), new CrowdSign(4, 7), new CrowdSign(16, 9));

  private final Core core;
  private final Requests requests;
  private final Verifier verifier;
  private final LookupConfig config;
  private int activeCount;
  private @Nullable Fifo<Active> waiting;

  /** Lookups that may have somebody to ask, each at most once. */
  private final Fifo<Active> ready = new Fifo<>();

  private long nextId = 1;

  /** Takes the result of a lookup. */
  interface Completion {
    void onFinished(LookupId id, LookupResult result, long nowNanos);
  }

  /** A lookup that waits or is under way. */
  static final class Active {
    final LookupId id;
    final NodeId target;
    final AddressFamily family;
    final int services;
    final Completion completion;
    final Learns learns;
    final @Nullable Observer observer;
    @Nullable Contact[] seeds;
    @Nullable IterativeLookup lookup;
    boolean isReady;
    long startNanos;

    Active(LookupId id, Target target, Completion completion) {
      this.id = id;
      this.target = target.key;
      this.family = target.family;
      this.services = target.services;
      this.seeds = target.seeds;
      this.learns = target.learns;
      this.observer = target.observer;
      this.completion = completion;
    }

    boolean isForTable() {
      return learns != Learns.NOBODY;
    }
  }

  /** Is told what each node says, in a lookup that asks for what is stored. */
  interface Observer {

    /** What is asked for: {@link Method#GET}, or Mainline's {@link Method#GET_PEERS}. */
    default Method method() {
      return Method.GET;
    }

    void onAnswer(Contact contact, Packet packet);

    /** The contact takes longer than most; it may still answer. */
    void onSlow(Contact contact);

    void onFailure(Contact contact);

    /** Says whether those who are slow need not be waited for in a family. */
    boolean isEnough(AddressFamily family);
  }

  /**
   * Whom the table takes in because of a lookup, if it does not take in whoever answers. A liar
   * names only those who work with it, so of those who are on the way most may be hostile. Of the k
   * closest to a random key that proved their ids nobody has more than his share.
   */
  enum Learns {
    /** Nobody: others choose what is looked up. */
    NOBODY,
    /** Some of the k closest, see {@link DefenceConfig#learntPerLookup}. */
    CLOSEST,
    /** Also those that the lookup began with: contacts of an earlier life, or the table's own. */
    CLOSEST_AND_SEEDS
  }

  /**
   * What is looked up, where, which services those who are sought offer, with which contacts beside
   * the table's, and who is told of each answer: if anybody is, the lookup asks for what is stored
   * and does not send {@code find_node}.
   */
  record Target(
      NodeId key,
      AddressFamily family,
      int services,
      @Nullable Contact[] seeds,
      Learns learns,
      @Nullable Observer observer) {

    /**
     * A refresh, of the second table if services are sought: it has all of the closest prove their
     * ids, crowded or not.
     */
    static Target forTable(NodeId key, AddressFamily family, int services) {
      return new Target(key, family, services, new Contact[0], Learns.CLOSEST, null);
    }

    /** A lookup for somebody who wants to know; an observer has it ask for what is stored. */
    static Target of(NodeId key, AddressFamily family, @Nullable Observer observer) {
      return new Target(key, family, 0, new Contact[0], Learns.NOBODY, observer);
    }

    /** A lookup for somebody who wants to know who offers services. */
    static Target offering(NodeId key, AddressFamily family, int services) {
      return new Target(key, family, services, new Contact[0], Learns.NOBODY, null);
    }
  }

  /** A crowd is so many deviations more nodes than are expected within reach / part. */
  private record CrowdSign(int part, double deviations) {

    LookupDefences.Sign at(long reach, double expectedWithin) {
      double expected = expectedWithin / part;
      int least = (int) Math.ceil(expected + deviations * Math.sqrt(expected));
      return new LookupDefences.Sign(Long.divideUnsigned(reach, part), least, part > 1);
    }
  }

  /**
   * A refresh remembers so many times k nodes at the most, or 80, and asks as many, twice what it
   * takes among honest ones: it is not worth what a lookup for a user is among those who make up
   * ids.
   */
  private static final int REFRESH_CANDIDATES = 4;

  private static final int REFRESH_CANDIDATES_LEAST = 80;

  LookupPool(Core core, Requests requests, Verifier verifier) {
    this.core = core;
    this.requests = requests;
    this.verifier = verifier;
    this.config = core.config.lookup();
  }

  /** Begins a lookup; returns null, and counts it, if too many wait. */
  @Nullable LookupId start(Target target, Completion completion, long nowNanos) {
    if (activeCount >= config.lookupsMax()
        && waitingCount() >= WAITING_FACTOR * config.lookupsMax()) {
      core.count(Counter.LOOKUPS_REFUSED);
      return null;
    }
    Active lookup = new Active(new LookupId(nextId++), target, completion);
    if (activeCount >= config.lookupsMax()) {
      if (waiting == null) {
        waiting = new Fifo<>();
      }
      waiting.add(lookup);
    } else {
      activate(lookup, nowNanos);
    }
    return lookup.id;
  }

  private void activate(Active entry, long nowNanos) {
    int k = core.config.routing().bucketSize();
    boolean isRefresh = entry.isForTable() && !isOwn(entry.target);
    int most =
        isRefresh
            ? Math.max(REFRESH_CANDIDATES_LEAST, REFRESH_CANDIDATES * k)
            : config.candidatesMax();
    IterativeLookup.Limits limits =
        new IterativeLookup.Limits(
            k,
            config.parallelism(),
            config.paths(),
            Math.max(k, Math.min(most, config.candidatesMax())));
    IterativeLookup lookup =
        new IterativeLookup(core.identity.id(), entry.target, limits, defences(entry), nowNanos)
            .offering(entry.services);
    for (Contact seed : entry.seeds) {
      if (seed != null && core.isAcceptable(seed.endpoint())) {
        lookup.seed(seed);
      }
    }
    seed(lookup, core.table(entry.family), entry, 0);
    if (entry.services != 0) {
      seed(lookup, core.table(entry.family), entry, entry.services);
      seed(lookup, core.serviceTable(entry.family), entry, entry.services);
    }
    RoutingTable refreshed = tableOf(entry);
    if (refreshed != null && entry.isForTable()) {
      // Those for others refresh nothing: others choose their keys.
      refreshed.onLookup(entry.target, nowNanos);
    }
    entry.seeds = new Contact[0];
    entry.lookup = lookup;
    entry.startNanos = nowNanos;
    activeCount++;
    markReady(entry);
  }

  /** Has a lookup begin with the contacts of a table that are closest and offer some services. */
  private void seed(
      IterativeLookup lookup, @Nullable RoutingTable table, Active entry, int services) {
    int k = core.config.routing().bucketSize();
    ClosestSearch search = core.workspace.search.begin(entry.target, k).withFailing();
    int count = table == null ? 0 : table.closest(search.offering(services));
    for (int i = 0; i < count; i++) {
      lookup.seed(search.get(i));
    }
  }

  /** Returns the table that a lookup refreshes, if it refreshes any. */
  private @Nullable RoutingTable tableOf(Active entry) {
    return entry.services == 0 ? core.table(entry.family) : core.serviceTable(entry.family);
  }

  /** Says what a lookup does against liars. */
  private LookupDefences defences(Active entry) {
    DefenceConfig defence = core.config.defences();
    double expected = CROWD_SHARE * core.config.routing().bucketSize();
    // How many nodes of a service there should be near a key is not known.
    boolean covers = defence.coverage() && !entry.isForTable() && entry.services == 0;
    long reach = covers ? core.reach(entry.family, expected) : 0;
    LookupDefences.Crowd crowd =
        reach == 0
            ? LookupDefences.Crowd.NEVER
            : new LookupDefences.Crowd(
                reach,
                CROWD_SIGNS.stream().map(sign -> sign.at(reach, expected)).toList(),
                core.asksForProofs(),
                entry.observer != null,
                core.entropy.choices().nextLong());
    return new LookupDefences(
        defence.scoring(),
        isSelective() && entry.isForTable() ? config.parallelism() : 0,
        isSelective() && entry.isForTable() && core.config.proofOfId(),
        defence.lookupPerSubnet(),
        defence.lookupPerNetwork(),
        core.config.scope() == Scope.LOCAL,
        crowd);
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  int activeCount() {
    return activeCount;
  }

  int waitingCount() {
    return waiting == null ? 0 : waiting.size();
  }

  /** Lets the lookup that is next in turn ask one contact; returns whether a request was sent. */
  boolean step(long nowNanos) {
    Active entry = ready.poll();
    if (entry == null) {
      return false;
    }
    entry.isReady = false;
    IterativeLookup lookup = entry.lookup;
    if (lookup == null) {
      return false;
    }
    LookupStep step = lookup.next();
    if (step instanceof LookupStep.Ask ask) {
      ask(entry, ask, nowNanos);
      markReady(entry);
      return true;
    }
    if (step instanceof LookupStep.Prove prove) {
      boolean sent = prove(entry, lookup, prove.contact(), nowNanos);
      markReady(entry);
      return sent;
    }
    if (step instanceof LookupStep.Done
        || needsNoMore(entry, lookup)
        || (entry.isForTable() && nowNanos - entry.startNanos >= TABLE_LOOKUP_NANOS)) {
      finish(entry, lookup, nowNanos);
    }
    return false;
  }

  private void ask(Active entry, LookupStep.Ask ask, long nowNanos) {
    Contact contact = ask.contact();
    Observer observer = ask.isAround() ? null : entry.observer;
    Method method = observer == null ? Method.FIND_NODE : observer.method();
    Request request = new Request(Request.Purpose.LOOKUP, method, contact.endpoint(), contact);
    request.key = ask.isAround() ? contact.id() : entry.target;
    request.services = observer == null ? entry.services : 0;
    request.lookup = entry;
    requests.send(request, nowNanos);
  }

  /** Has a contact prove its id, unless it is known to have done so; tells whether it is asked. */
  private boolean prove(Active entry, IterativeLookup lookup, Contact contact, long nowNanos) {
    if (core.known(contact) != null) {
      lookup.onProof(contact, LookupStep.Proof.KNOWN);
      return false;
    }
    Request request = Request.ping(Request.Purpose.LOOKUP, contact);
    request.challenged = true;
    request.lookup = entry;
    requests.send(request, nowNanos);
    return true;
  }

  private void onProof(
      Active entry, Request request, Contact contact, Packet packet, long nowNanos) {
    // Who does not want to be named is not one of the closest. The packet is not read later.
    boolean isHidden = entry.isForTable() && packet.readOnly;
    checkProof(
        request,
        contact,
        packet,
        (proof, now) -> {
          if (entry.lookup != null) {
            entry.lookup.onProof(contact, isHidden ? LookupStep.Proof.NONE : proof);
            markReady(entry);
          }
        },
        nowNanos);
  }

  /** Checks what a contact answered to a challenge. */
  void checkProof(
      Request request, Contact contact, Packet packet, ProofCheck.Handler then, long nowNanos) {
    ProofCheck.begin(
        new ProofCheck.Parts(core, requests, nowNanos), request, contact, packet, then);
  }

  /** Tells whether a lookup that waits does so in vain: a dead node is given up after seconds. */
  private static boolean needsNoMore(Active entry, IterativeLookup lookup) {
    return entry.observer != null
        && !lookup.isCrowded()
        && lookup.awaitsOnlySlow()
        && entry.observer.isEnough(entry.family);
  }

  private void finish(Active entry, IterativeLookup lookup, long nowNanos) {
    activeCount--;
    entry.lookup = null;
    core.count(Counter.LOOKUPS);
    if (lookup.isCrowded()) {
      core.count(Counter.LOOKUPS_CROWDED);
    }
    LookupResult result = lookup.result(nowNanos);
    if (isSelective() && entry.isForTable() && !isOwn(entry.target)) {
      learnSome(entry, result, nowNanos);
    }
    entry.completion.onFinished(entry.id, result, nowNanos);
    Active next = waiting != null && activeCount < config.lookupsMax() ? waiting.poll() : null;
    if (next != null) {
      activate(next, nowNanos);
    }
  }

  /** Tells whether a table takes in none but those that its own lookups found. */
  private boolean isSelective() {
    return core.config.defences().learntPerLookup() > 0;
  }

  private boolean isOwn(NodeId id) {
    return id.equals(core.identity.id());
  }

  /**
   * Has the table take in some of those that a refresh found: all if these are all that the bucket
   * may have, otherwise a few, as many that are close to each other make a poor bucket. They are
   * chosen at random, so that nobody gains by being the very closest. A bucket that has less than
   * three quarters of what it may have, and grew, is refreshed sooner for that.
   */
  private void learnSome(Active entry, LookupResult result, long nowNanos) {
    List<Contact> found = new ArrayList<>(result.closest());
    boolean isNear = isNear(entry);
    int most = isNear ? found.size() : core.config.defences().learntPerLookup();
    while (found.size() > most) {
      found.remove(core.entropy.choices().nextBelow(found.size()));
    }
    RoutingTable table = tableOf(entry);
    if (table == null) {
      return;
    }
    int prefix = core.identity.id().commonPrefixLength(entry.target);
    int before = table.bucketSize(prefix);
    learn(found, nowNanos);
    int now = table.bucketSize(prefix);
    if (!isNear && now > before && now < core.config.routing().bucketSize() * 3 / 4) {
      // As if it had run long ago.
      long sooner = core.config.routing().refreshInterval().toNanos() / 4 * 3;
      table.onLookup(entry.target, nowNanos - sooner);
    }
  }

  /** Tells whether the bucket of a lookup's target has no more than the k nearest to this node. */
  private boolean isNear(Active entry) {
    RoutingTable table = tableOf(entry);
    int k = core.config.routing().bucketSize();
    NodeId own = core.identity.id();
    ClosestSearch search = core.workspace.search.begin(own, k);
    int known = table == null ? 0 : table.closest(search);
    return known < k
        || own.commonPrefixLength(entry.target)
            >= own.commonPrefixLength(search.get(known - 1).id());
  }

  /** Has the table take in those that its lookups found, if it does not take in whoever answers. */
  void learn(List<Contact> found, long nowNanos) {
    if (!isSelective()) {
      return;
    }
    for (Contact contact : found) {
      if (core.known(contact) != null) {
        continue;
      }
      if (core.config.proofOfId()) {
        verifier.take(contact, nowNanos);
      } else {
        verifier.consider(contact, true, nowNanos);
      }
    }
  }

  void onAnswer(Request request, Contact contact, Packet packet, long nowNanos) {
    Active entry = request.lookup;
    IterativeLookup lookup = entry == null ? null : entry.lookup;
    if (entry == null || lookup == null) {
      return;
    }
    if (request.challenged) {
      onProof(entry, request, contact, packet, nowNanos);
      return;
    }
    if (packet.kind == Kind.ERROR) {
      lookup.onFailure(contact);
      tellFailure(entry, lookup, contact);
    } else {
      int count = core.usableContacts(packet, entry.family);
      boolean counts = lookup.onResponse(contact, packet.contacts(entry.family), count);
      // One endpoint is one node: who answers there by another name is not heard a second time.
      if (counts && entry.observer != null && request.method != Method.FIND_NODE) {
        entry.observer.onAnswer(contact, packet);
      }
    }
    markReady(entry);
  }

  void onSlow(Request request) {
    Active entry = request.lookup;
    IterativeLookup lookup = entry == null ? null : entry.lookup;
    if (entry != null && lookup != null && request.contact != null) {
      lookup.onSlow(request.contact);
      if (entry.observer != null && !request.challenged && !lookup.isDoubtful(request.contact)) {
        entry.observer.onSlow(request.contact);
      }
      markReady(entry);
    }
  }

  /**
   * The request is not repeated any more. Who looks for a record says itself whom it need not wait
   * for, so that nothing older is read than what a silent holder has.
   */
  void onOverdue(Request request) {
    Active entry = request.lookup;
    boolean waits = entry != null && entry.observer != null && !request.challenged;
    IterativeLookup lookup = entry == null || waits ? null : entry.lookup;
    if (entry != null && lookup != null && request.contact != null) {
      lookup.onOverdue(request.contact);
      markReady(entry);
    }
  }

  void onFailure(Request request) {
    Active entry = request.lookup;
    IterativeLookup lookup = entry == null ? null : entry.lookup;
    if (entry != null && lookup != null && request.contact != null) {
      if (request.challenged && request.isElsewhere) {
        // Somebody answers to this name, and not when asked to show that it is his.
        lookup.onProof(request.contact, LookupStep.Proof.BAD);
      } else {
        lookup.onFailure(request.contact);
      }
      if (!request.challenged) {
        tellFailure(entry, lookup, request.contact);
      }
      markReady(entry);
    }
  }

  /** Tells of a node that did not answer, unless a liar may have made it up. */
  private static void tellFailure(Active entry, IterativeLookup lookup, Contact contact) {
    if (entry.observer != null && !lookup.isDoubtful(contact)) {
      entry.observer.onFailure(contact);
    }
  }

  /** Tells whether the table may learn of who answered a request as soon as he did. */
  boolean isLearnt(Request request) {
    Active entry = request.lookup;
    Contact contact = request.contact;
    if (entry == null || contact == null) {
      return true;
    }
    // Nothing is known of those who answer after the end.
    return entry.lookup != null
        && (!isSelective()
            || (entry.learns == Learns.CLOSEST_AND_SEEDS && entry.lookup.isSeed(contact)));
  }

  boolean isAmongClosest(Request request) {
    Active entry = request.lookup;
    return entry != null
        && entry.lookup != null
        && request.contact != null
        && entry.lookup.isAmongClosest(request.contact);
  }

  private void markReady(Active entry) {
    if (!entry.isReady) {
      entry.isReady = true;
      ready.add(entry);
    }
  }
}
