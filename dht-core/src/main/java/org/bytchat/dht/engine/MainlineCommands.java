package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * What an engine of Mainline's dialect can be told to do with peers (BEP 5) and items (BEP 44); see
 * {@link NodeEngine#mainline}. Each command returns a number that the event of its end bears, or -1
 * if the engine has too much to do already. In a node of two address families each command works in
 * both. Belongs to the engine's driver.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MainlineCommands {

  /** How many peers of one infohash are told at the most. */
  private static final int PEERS_MAX = 1_000;

  private final Operations operations;
  private final LongConsumer afterCommand;
  private long nextId = 1;

  /** Takes what became of something that was to be stored. */
  private interface Stored {
    void onStored(PutResult result);
  }

  MainlineCommands(Operations operations, LongConsumer afterCommand) {
    this.operations = operations;
    this.afterCommand = afterCommand;
  }

  /**
   * Finds the peers that announced themselves under an infohash; {@link EngineEvent.PeersFound}
   * tells the end.
   *
   * @param infohash the infohash
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long findPeers(NodeId infohash, long nowNanos) {
    return search(new PeerSearch(nextId++, infohash, null), infohash, nowNanos);
  }

  /**
   * Finds peers as {@link #findPeers} does, and announces this host to the nodes closest to the
   * infohash.
   *
   * @param infohash the infohash
   * @param port where others reach what is announced, 1 to 65535
   * @param isImplied whether the port that the nodes see counts instead
   * @param nowNanos the time
   * @return what names it, or -1
   * @throws IllegalArgumentException if the port is out of range
   */
  public long announce(NodeId infohash, int port, boolean isImplied, long nowNanos) {
    if (port < 1 || port > 0xffff) {
      throw new IllegalArgumentException("port must be in 1..65535: " + port);
    }
    MainlineStore announcement = new MainlineStore(port, isImplied, null);
    return search(new PeerSearch(nextId++, infohash, announcement), infohash, nowNanos);
  }

  /**
   * Finds an item; {@link EngineEvent.ItemFound} tells the end.
   *
   * @param target where it lies
   * @param salt of a mutable item, up to 64 bytes; empty if it has none, or is immutable
   * @param nowNanos the time
   * @return what names it, or -1
   * @throws IllegalArgumentException if the salt is too long
   */
  public long findItem(NodeId target, byte[] salt, long nowNanos) {
    if (salt.length > WireLimits.SALT_BYTES_MAX) {
      throw new IllegalArgumentException("salt must have at most 64 bytes: " + salt.length);
    }
    return search(new ItemSearch(nextId++, target, salt), target, nowNanos);
  }

  /**
   * Puts an item; {@link EngineEvent.PutFinished} tells the end. Whether its signature is good is
   * for its holders to say. The result is superseded if an item with a good signature was found
   * that has a higher sequence than this one, or than the one that this shall replace; in the
   * latter case only those who hold such a thing are asked.
   *
   * @param item the item
   * @param expectedSequence compare-and-swap: the sequence that it shall replace, {@link
   *     StorePut#ANY_SEQUENCE} for any; of no meaning for an immutable one
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long put(MainlineItem item, long expectedSequence, long nowNanos) {
    long expected = item.isMutable() ? expectedSequence : StorePut.ANY_SEQUENCE;
    return search(new PutSearch(nextId++, item, expected), item.target(), nowNanos);
  }

  /** A search with an end of its own. */
  private interface Search extends HolderSearch.Questions, HolderSearch.Completion {
    long id();
  }

  private long search(Search search, NodeId key, long nowNanos) {
    boolean started = HolderSearch.asking(operations, key, search, search, nowNanos);
    afterCommand.accept(nowNanos);
    return started ? search.id() : -1;
  }

  private final class PeerSearch implements Search {

    private final long id;
    private final NodeId infohash;
    private final @Nullable MainlineStore announcement;
    private final Map<Contact, List<Endpoint>> named = new LinkedHashMap<>();

    PeerSearch(long id, NodeId infohash, @Nullable MainlineStore announcement) {
      this.id = id;
      this.infohash = infohash;
      this.announcement = announcement;
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public Method method() {
      return Method.GET_PEERS;
    }

    @Override
    public void onAnswer(Contact contact, Packet packet) {
      List<Endpoint> peers = new ArrayList<>();
      for (int i = 0; i < packet.peersCount; i++) {
        Endpoint peer = packet.peers[i];
        if (peer != null && operations.core.isAcceptable(peer)) {
          peers.add(peer);
        }
      }
      named.put(contact, peers);
    }

    @Override
    public void onFound(HolderSearch search, long nowNanos) {
      if (announcement == null) {
        end(search, null);
      } else {
        new Storing(
                new Wish(infohash, announcement, StorePut.ANY_SEQUENCE),
                null,
                result -> end(search, result))
            .start(search, nowNanos);
      }
    }

    private void end(HolderSearch search, @Nullable PutResult announced) {
      operations.core.emit(
          new EngineEvent.PeersFound(
              id, inTurn(search.answeredNearestFirst()), search.answeredCount(), announced));
    }

    /**
     * Takes a peer of each node in turn, the nearest first, so that none has others forgotten by
     * naming many.
     */
    private List<Endpoint> inTurn(List<Contact> nodes) {
      Set<Endpoint> peers = new LinkedHashSet<>();
      for (int turn = 0; turn < WireLimits.PEERS_MAX; turn++) {
        for (Contact node : nodes) {
          List<Endpoint> ofNode = named.getOrDefault(node, List.of());
          if (turn < ofNode.size() && peers.size() < PEERS_MAX) {
            peers.add(ofNode.get(turn));
          }
        }
      }
      return List.copyOf(peers);
    }
  }

  private final class ItemSearch implements Search {

    private final long id;
    private final Candidates candidates;

    ItemSearch(long id, NodeId target, byte[] salt) {
      this.id = id;
      this.candidates = new Candidates(target, salt);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public Method method() {
      return Method.GET;
    }

    @Override
    public void onAnswer(Contact contact, Packet packet) {
      MainlineItem item = candidates.read(packet);
      if (item != null) {
        candidates.add(item);
      }
    }

    @Override
    public void onFound(HolderSearch search, long nowNanos) {
      candidates.takeHighest(
          (item, now) ->
              operations.core.emit(new EngineEvent.ItemFound(id, item, search.answeredCount())),
          nowNanos);
    }
  }

  /** Finds who shall keep an item, and whether something newer is there. */
  private final class PutSearch implements Search {

    private final long id;
    private final MainlineItem item;
    private final long expectedSequence;

    /** What is newer than what is to be replaced. */
    private final Candidates newer;

    PutSearch(long id, MainlineItem item, long expectedSequence) {
      this.id = id;
      this.item = item;
      this.expectedSequence = expectedSequence;
      this.newer = new Candidates(item.target(), item.salt());
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public Method method() {
      return Method.GET;
    }

    @Override
    public void onAnswer(Contact contact, Packet packet) {
      MainlineItem held = item.isMutable() ? newer.read(packet) : null;
      long replaced = expectedSequence < 0 ? item.sequence() : expectedSequence;
      if (held != null && held.sequence() > replaced && !held.equals(item)) {
        newer.add(held);
      }
    }

    @Override
    public void onFound(HolderSearch search, long nowNanos) {
      newer.takeHighest(
          (found, now) ->
              new Storing(
                      new Wish(item.target(), MainlineStore.of(item), expectedSequence),
                      found,
                      result -> operations.core.emit(new EngineEvent.PutFinished(id, result)))
                  .start(search, now),
          nowNanos);
    }
  }

  /** Takes an item whose signature is good, or null for none. */
  private interface Taker {
    void take(@Nullable MainlineItem item, long nowNanos);
  }

  /** What nodes gave as the item of a target: a lookup has no more answers than candidates. */
  private final class Candidates {

    private final NodeId target;
    private final byte[] salt;
    private final Set<MainlineItem> items = new LinkedHashSet<>();

    Candidates(NodeId target, byte[] salt) {
      this.target = target;
      this.salt = salt.clone();
    }

    /** Reads the item of an answer; null if it has none, or that of another target. */
    @Nullable MainlineItem read(Packet packet) {
      byte[] value = packet.record();
      if (value == null || value.length > MainlineItem.VALUE_BYTES_MAX) {
        return null;
      }
      // An answer does not repeat the salt.
      packet.saltLength = salt.length;
      System.arraycopy(salt, 0, packet.salt, 0, salt.length);
      MainlineItem item = MainlineHandler.itemOf(packet, value);
      if (item.target().equals(target)) {
        return item;
      }
      operations.core.count(Counter.READS_INVALID);
      return null;
    }

    void add(MainlineItem item) {
      items.add(item);
    }

    /**
     * Takes the first that is what it seems, from the highest sequence down, so that liars cost no
     * more verifications than there are candidates.
     */
    void takeHighest(Taker taker, long nowNanos) {
      List<MainlineItem> left = new ArrayList<>(items);
      left.sort(Comparator.comparingLong(MainlineItem::sequence).reversed());
      verifyNext(left.iterator(), taker, nowNanos);
    }

    private void verifyNext(Iterator<MainlineItem> left, Taker taker, long nowNanos) {
      if (!left.hasNext()) {
        taker.take(null, nowNanos);
        return;
      }
      MainlineItem item = left.next();
      if (!item.isMutable()) {
        // Its target is its hash.
        taker.take(item, nowNanos);
        return;
      }
      operations.verify(
          effect -> new Effect.Verify(effect, item.publicKey(), item.statement(), item.signature()),
          (good, now) -> {
            if (good) {
              taker.take(item, now);
            } else {
              operations.core.count(Counter.READS_INVALID);
              verifyNext(left, taker, now);
            }
          },
          nowNanos);
    }
  }

  /** What is to be stored where. */
  private record Wish(NodeId key, MainlineStore what, long expectedSequence) {}

  /** Has the k closest of each family keep something. */
  private final class Storing {

    private final Wish wish;

    /** What was found to be newer than what is to be replaced, if anything was. */
    private final @Nullable MainlineItem newer;

    private final Stored stored;
    private final List<PutResult.NodeOutcome> outcomes = new ArrayList<>();
    private final List<HolderSearch.Holder> later = new ArrayList<>();
    private boolean hasHolders;
    private int underWay = 1;

    Storing(Wish wish, @Nullable MainlineItem newer, Stored stored) {
      this.wish = wish;
      this.newer = newer;
      this.stored = stored;
    }

    /**
     * Begins. With compare-and-swap, those who hold something come first: unless one of them takes
     * it and none refuses, the others get nothing, as nobody compared, or it would be newer there
     * than what the writer was told of. If something newer is there already, only those who hold
     * that are asked: others, who missed it, would take what they should not.
     */
    void start(HolderSearch search, long nowNanos) {
      boolean compares = wish.expectedSequence >= 0;
      List<HolderSearch.Holder> first = new ArrayList<>();
      for (AddressFamily family : AddressFamily.values()) {
        for (HolderSearch.Holder holder : chosen(search.holders(family))) {
          if (!compares || holder.sequence() > (newer == null ? -1 : wish.expectedSequence)) {
            first.add(holder);
          } else if (newer == null) {
            later.add(holder);
          }
        }
      }
      hasHolders = compares && !first.isEmpty();
      first.forEach(holder -> ask(holder, nowNanos));
      onEnd(nowNanos);
    }

    private void ask(HolderSearch.Holder holder, long nowNanos) {
      underWay++;
      operations.ask(request(holder), nowNanos);
    }

    /**
     * Returns the k closest of those whose ids follow from their addresses, and others only if they
     * are fewer: those may have chosen to be near (BEP 42).
     */
    private List<HolderSearch.Holder> chosen(List<HolderSearch.Holder> holders) {
      List<HolderSearch.Holder> chosen = new ArrayList<>();
      for (boolean isSecure : new boolean[] {true, false}) {
        for (HolderSearch.Holder holder : holders) {
          Contact contact = holder.contact();
          if (SecureIds.isSecure(contact.id(), contact.endpoint()) == isSecure
              && chosen.size() < operations.core.config.routing().bucketSize()) {
            chosen.add(holder);
          }
        }
      }
      return chosen;
    }

    private Request request(HolderSearch.Holder holder) {
      boolean isPeer = wish.what.item() == null;
      Request request =
          new Request(
              Request.Purpose.STORE,
              isPeer ? Method.ANNOUNCE_PEER : Method.PUT,
              holder.contact().endpoint(),
              holder.contact());
      // A put does not name its target, which follows from the item.
      request.key = isPeer ? wish.key : null;
      request.token = holder.token();
      request.mainline = wish.what;
      // BEP 44: not to those who hold nothing.
      request.expectedSequence =
          holder.sequence() < 0 ? StorePut.ANY_SEQUENCE : wish.expectedSequence;
      request.reply = new Answer(holder, this::add);
      return request;
    }

    private void add(PutResult.NodeOutcome outcome, long nowNanos) {
      outcomes.add(outcome);
      onEnd(nowNanos);
    }

    private void onEnd(long nowNanos) {
      if (--underWay > 0) {
        return;
      }
      boolean isRefused =
          outcomes.stream().anyMatch(node -> node.errorCode() >= ErrorCode.CAS_MISMATCH);
      if (!later.isEmpty() && !isRefused && (!hasHolders || PutResult.storedBy(outcomes) > 0)) {
        underWay = 1;
        List<HolderSearch.Holder> others = List.copyOf(later);
        later.clear();
        others.forEach(holder -> ask(holder, nowNanos));
        onEnd(nowNanos);
        return;
      }
      outcomes.sort((a, b) -> wish.key.compareDistance(a.id(), b.id()));
      MainlineItem item = wish.what.item();
      int enough = Math.min(operations.core.config.store().acks(), outcomes.size());
      stored.onStored(
          new PutResult(
              wish.key,
              item == null ? 0 : item.sequence(),
              outcomes,
              enough > 0 && PutResult.storedBy(outcomes) >= enough,
              newer != null));
    }
  }

  /** Takes what became of one node. */
  private interface Outcomes {
    void add(PutResult.NodeOutcome outcome, long nowNanos);
  }

  /** Takes what a node that was to store something answers. */
  private record Answer(HolderSearch.Holder holder, Outcomes then) implements Request.Reply {

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      if (packet.kind == Kind.ERROR) {
        end(PutResult.Outcome.REJECTED, packet.errorCode, packet.errorText(), nowNanos);
      } else {
        end(PutResult.Outcome.STORED, 0, "", nowNanos);
      }
    }

    @Override
    public void onFailure(long nowNanos) {
      end(PutResult.Outcome.TIMED_OUT, 0, "", nowNanos);
    }

    private void end(PutResult.Outcome outcome, int code, String reason, long nowNanos) {
      then.add(
          new PutResult.NodeOutcome(holder.contact().id(), holder.contact(), outcome, code, reason),
          nowNanos);
    }
  }
}
