package org.bytchat.dht.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoreOutcome;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Stores items of one place at the r nodes that are closest to it, in each family, and at all
 * others that are as near as r nodes should be. A node that does not answer, or has no room, is
 * replaced by the next one; what a node refuses for a reason that lies in the item, others would
 * refuse too.
 */
final class PutOperation {

  /** Items under way to one node. */
  private static final int PARALLEL_MAX = 4;

  private static final int BUSY_RETRIES = 5;
  private static final long BUSY_PAUSE_NANOS = 1_000_000_000;

  /** All within what should have so many times r nodes get the items if those look chosen. */
  private static final double DENSE_SHARE = 1.6;

  /** The same if the whole neighbourhood is crowded besides. */
  private static final double CROWD_SHARE = 3.2;

  private static final int SPREAD_MAX = 100;

  private final Operations operations;
  private final NodeId place;
  private final List<StoredItem> items;
  private final long expectedSequence;
  private final Completion completion;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();
  private final int replicas;
  private boolean launching;

  /** Takes what became of it. */
  interface Completion {
    void onFinished(PutResult result, long nowNanos);
  }

  /** What is put, all at one place; the expected sequence is -1 for any. */
  record Wish(NodeId place, List<StoredItem> items, long expectedSequence) {}

  private PutOperation(Operations operations, Wish wish, Completion completion) {
    this.operations = operations;
    this.place = wish.place;
    this.items = wish.items;
    this.expectedSequence = wish.expectedSequence;
    this.completion = completion;
    this.replicas = operations.core.config.store().replicas();
  }

  /** Begins to put; returns whether there was room for it. */
  static boolean start(Operations operations, Wish wish, Completion completion, long nowNanos) {
    PutOperation operation = new PutOperation(operations, wish, completion);
    return HolderSearch.forWriting(operations, wish.place, operation::onFound, nowNanos);
  }

  private void onFound(HolderSearch search, long nowNanos) {
    launching = true;
    boolean isHolder = false;
    boolean isAlone = search.holders().isEmpty();
    for (AddressFamily family : AddressFamily.values()) {
      List<HolderSearch.Holder> holders = search.holders(family);
      // Who finds nobody in one family and others in the next is no holder for the first.
      if (operations.core.table(family) == null || (holders.isEmpty() && !isAlone)) {
        continue;
      }
      long reach = operations.core.holderReach(family);
      Core core = operations.core;
      boolean isClosest = core.full && isAmongClosest(holders);
      boolean isHolderHere = isClosest || (core.full && place.isWithin(reach, core.identity.id()));
      isHolder |= isHolderHere;
      int others = isClosest ? replicas - 1 : replicas;
      int wanted = spread(holders, others, reach, search.isCrowded());
      ArrayDeque<HolderSearch.Holder> line = new ArrayDeque<>(holders);
      Line candidates = new Line(line, isHolderHere, wanted + replicas);
      lines.add(candidates);
      for (int i = 0; i < wanted; i++) {
        launchNext(candidates, nowNanos);
      }
    }
    if (isHolder) {
      Node here = new Node(null, null);
      nodes.add(here);
      verifyHere(here, nowNanos);
    }
    launching = false;
    finishIfDone(nowNanos);
  }

  /**
   * Says how many of the nodes that were found get the items, the first ones: those that are among
   * the r closest, and all within the distance that should have r. If the r closest are within half
   * of it, somebody may have chosen their ids: then all within a distance that should have more
   * than r; if they are very many, some of them that nobody can foresee.
   */
  private int spread(
      List<HolderSearch.Holder> holders, int amongClosest, long usualReach, boolean isCrowded) {
    if (holders.size() <= amongClosest || !operations.core.config.defences().coverage()) {
      return amongClosest;
    }
    // Not all of those who say that they hold it shall be of one network.
    int count =
        diverse(
            holders.stream().limit(2L * replicas).map(each -> each.contact().endpoint()).toList(),
            amongClosest,
            Math.max(1, operations.core.config.store().acks() - 1),
            operations.core.config.scope() == Scope.LOCAL);
    long reach = usualReach;
    if (amongClosest > 0 && isWithin(holders.get(amongClosest - 1), reach / 2)) {
      reach = (long) (reach * (isCrowded ? CROWD_SHARE : DENSE_SHARE));
    }
    while (count < holders.size() && isWithin(holders.get(count), reach)) {
      count++;
    }
    if (count > SPREAD_MAX) {
      for (int i = count; i > 1; i--) {
        Collections.swap(holders, i - 1, operations.core.entropy.choices().nextBelow(i));
      }
    }
    return Math.min(count, SPREAD_MAX);
  }

  /**
   * Returns how many of the nearest it takes until as many as are wanted count, of each network so
   * many at the most; where there are too few networks, until the last that counts.
   */
  static int diverse(List<Endpoint> nearest, int wanted, int perNetwork, boolean exemptLocal) {
    Map<Long, Integer> ofNetwork = new LinkedHashMap<>();
    int counted = 0;
    int last = -1;
    for (int i = 0; i < nearest.size() && counted < wanted; i++) {
      Endpoint endpoint = nearest.get(i);
      if ((exemptLocal && endpoint.isLocal())
          || ofNetwork.merge(endpoint.network(), 1, Integer::sum) <= perNetwork) {
        counted++;
        last = i;
      }
    }
    return Math.max(wanted, last + 1);
  }

  private boolean isWithin(HolderSearch.Holder holder, long distance) {
    return place.isWithin(distance, holder.contact().id());
  }

  /** The nodes of one family. */
  private static final class Line {

    /** Those that were not asked yet, in the order in which they are. */
    final ArrayDeque<HolderSearch.Holder> waiting;

    /** Whether this node is one of the holders itself. */
    final boolean hasOwn;

    final int found;

    /** How many may still be asked. */
    int left;

    Line(ArrayDeque<HolderSearch.Holder> waiting, boolean hasOwn, int left) {
      this.waiting = waiting;
      this.hasOwn = hasOwn;
      this.found = waiting.size() + (hasOwn ? 1 : 0);
      this.left = left;
    }
  }

  /** Tells whether fewer than r nodes are closer than this one. */
  private boolean isAmongClosest(List<HolderSearch.Holder> holders) {
    NodeId own = operations.core.identity.id();
    return holders.stream()
            .filter(holder -> place.compareDistance(holder.contact().id(), own) < 0)
            .limit(replicas)
            .count()
        < replicas;
  }

  private void launchNext(Line line, long nowNanos) {
    HolderSearch.Holder next = line.left > 0 ? line.waiting.poll() : null;
    if (next != null) {
      line.left--;
      Node node = new Node(next, line);
      nodes.add(node);
      node.begin(next.contact(), nowNanos);
    }
  }

  /** Stores here what others would store: what this node gives to others it has verified too. */
  private void verifyHere(Node here, long nowNanos) {
    if (!(items.get(0) instanceof MutableRecord signed)) {
      storeHere(here, nowNanos);
      return;
    }
    operations.verify(
        id -> new Effect.VerifyRecord(id, signed, operations.core.networkId),
        (good, now) -> {
          if (good) {
            storeHere(here, now);
          } else {
            here.errorCode = ErrorCode.BAD_SIGNATURE;
            here.reason = "bad key or signature";
            here.end(PutResult.Outcome.REJECTED, now);
          }
        },
        nowNanos);
  }

  /** Stores in the own store; nobody pays, because the owner of the node wants it. */
  private void storeHere(Node here, long nowNanos) {
    PutResult.Outcome outcome = PutResult.Outcome.STORED;
    for (StoredItem item : items) {
      StorePut put = new StorePut(item, item.key(), place, expectedSequence, 0);
      StoreOutcome.Committed committed = operations.records.commit(put, nowNanos);
      if (committed instanceof StoreOutcome.Refused refused) {
        outcome = PutResult.Outcome.REJECTED;
        here.errorCode = PutHandler.codeOf(refused.reason());
        here.reason = refused.reason().name();
        here.isNewer |= isNewer(here.errorCode);
      }
    }
    here.end(outcome, nowNanos);
  }

  /** Tells whether a refusal says that there is something newer. */
  private static boolean isNewer(int errorCode) {
    return errorCode == ErrorCode.SEQUENCE_TOO_OLD || errorCode == ErrorCode.SEQUENCE_CONFLICT;
  }

  private void finishIfDone(long nowNanos) {
    if (launching || nodes.stream().anyMatch(node -> node.outcome == null)) {
      return;
    }
    launching = true;
    NodeId own = operations.core.identity.id();
    nodes.sort((a, b) -> place.compareDistance(a.id(own), b.id(own)));
    List<PutResult.NodeOutcome> outcomes = new ArrayList<>();
    boolean superseded = false;
    for (Node node : nodes) {
      PutResult.Outcome outcome = node.outcome;
      if (outcome != null) {
        Contact contact = node.holder == null ? null : node.holder.contact();
        outcomes.add(
            new PutResult.NodeOutcome(node.id(own), contact, outcome, node.errorCode, node.reason));
        superseded |= node.isNewer;
      }
    }
    long sequence = items.get(0) instanceof MutableRecord signed ? signed.sequence() : 0;
    boolean isEnough = PutResult.storedBy(outcomes) >= operations.core.config.store().acks();
    for (Line line : lines) {
      isEnough &= isEnough(line);
    }
    completion.onFinished(new PutResult(place, sequence, outcomes, isEnough, superseded), nowNanos);
  }

  /** Tells whether enough nodes of a family stored it: there are those who only see that one. */
  private boolean isEnough(Line line) {
    int stored = 0;
    for (Node node : nodes) {
      boolean counts = node.holder == null ? line.hasOwn : node.line == line;
      stored += counts && node.outcome == PutResult.Outcome.STORED ? 1 : 0;
    }
    return stored >= Math.min(operations.core.config.store().acks(), line.found);
  }

  /** One node and what it has got so far. */
  private final class Node {

    final HolderSearch.@Nullable Holder holder;
    final @Nullable Line line;
    PutResult.@Nullable Outcome outcome;
    int errorCode;
    String reason = "";
    boolean isNewer;
    private int next;
    private int underWay;
    private int busyRetries;

    Node(HolderSearch.@Nullable Holder holder, @Nullable Line line) {
      this.holder = holder;
      this.line = line;
    }

    NodeId id(NodeId own) {
      return holder == null ? own : holder.contact().id();
    }

    /** Gives it the items once it has proved its id. */
    void begin(Contact contact, long nowNanos) {
      operations.prove(
          contact,
          (good, now) -> {
            if (good) {
              pump(now);
            } else {
              reason = "did not prove its id";
              end(PutResult.Outcome.REJECTED, now);
            }
          },
          nowNanos);
    }

    void pump(long nowNanos) {
      while (outcome == null && underWay < PARALLEL_MAX && next < items.size()) {
        underWay++;
        send(items.get(next++), nowNanos);
      }
      if (outcome == null && underWay == 0) {
        end(PutResult.Outcome.STORED, nowNanos);
      }
    }

    private void send(StoredItem item, long nowNanos) {
      HolderSearch.Holder to = holder;
      if (to == null) {
        throw new AssertionError("this node itself is not asked");
      }
      operations.put(
          to.contact(),
          new Operations.Spot(item.key(), place, to.token()),
          new Operations.Item(item, expectedSequence),
          new Sending(this, item),
          nowNanos);
    }

    void end(PutResult.Outcome how, long nowNanos) {
      outcome = how;
      Line candidates = line;
      if (candidates != null && how != PutResult.Outcome.STORED && isItsOwnFault()) {
        launchNext(candidates, nowNanos);
      }
      finishIfDone(nowNanos);
    }

    /** Tells whether another node might do what this one did not; its clock may be wrong. */
    private boolean isItsOwnFault() {
      return switch (errorCode) {
        case ErrorCode.TOO_BIG,
            ErrorCode.BAD_SIGNATURE,
            ErrorCode.WRONG_KEY,
            ErrorCode.CAS_MISMATCH,
            ErrorCode.SEQUENCE_TOO_OLD,
            ErrorCode.SEQUENCE_CONFLICT ->
            false;
        default -> true;
      };
    }
  }

  private final class Sending implements Request.Reply {

    private final Node node;
    private final StoredItem item;

    Sending(Node node, StoredItem item) {
      this.node = node;
      this.item = item;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      if (node.outcome != null) {
        return;
      }
      if (packet.kind == Kind.RESPONSE) {
        node.underWay--;
        node.pump(nowNanos);
      } else if (packet.errorCode == ErrorCode.BUSY && node.busyRetries < BUSY_RETRIES) {
        node.busyRetries++;
        operations.later(nowNanos + BUSY_PAUSE_NANOS, this::again);
      } else {
        node.errorCode = packet.errorCode;
        node.reason = packet.errorText();
        node.isNewer = isNewer(packet.errorCode);
        node.end(PutResult.Outcome.REJECTED, nowNanos);
      }
    }

    private void again(long nowNanos) {
      if (node.outcome == null) {
        node.send(item, nowNanos);
      }
    }

    @Override
    public void onFailure(long nowNanos) {
      if (node.outcome == null) {
        node.end(PutResult.Outcome.TIMED_OUT, nowNanos);
      }
    }
  }
}
