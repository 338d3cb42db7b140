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
   * for its holders to say.
   *
   * @param item the item
   * @param expectedSequence compare-and-swap: the sequence that it shall replace, {@link
   *     StorePut#ANY_SEQUENCE} for any; of no meaning for an immutable one
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long put(MainlineItem item, long expectedSequence, long nowNanos) {
    long id = nextId++;
    long expected = item.isMutable() ? expectedSequence : StorePut.ANY_SEQUENCE;
    Search search =
        new Search() {
          @Override
          public Method method() {
            return Method.GET;
          }

          @Override
          public void onAnswer(Contact contact, Packet packet) {
            // Their tokens are wanted, not what they hold.
          }

          @Override
          public void onFound(HolderSearch found, long now) {
            Storing storing =
                new Storing(
                    new Wish(item.target(), MainlineStore.of(item), expected),
                    result -> operations.core.emit(new EngineEvent.PutFinished(id, result)));
            storing.start(found, now);
          }

          @Override
          public long id() {
            return id;
          }
        };
    return search(search, item.target(), nowNanos);
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
    private final NodeId target;
    private final byte[] salt;
    private final Set<MainlineItem> candidates = new LinkedHashSet<>();

    ItemSearch(long id, NodeId target, byte[] salt) {
      this.id = id;
      this.target = target;
      this.salt = salt.clone();
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
      byte[] value = packet.record();
      if (value == null || value.length > MainlineItem.VALUE_BYTES_MAX) {
        return;
      }
      // An answer does not repeat the salt.
      packet.saltLength = salt.length;
      System.arraycopy(salt, 0, packet.salt, 0, salt.length);
      MainlineItem item = MainlineHandler.itemOf(packet, value);
      if (item.target().equals(target)) {
        candidates.add(item);
      } else {
        operations.core.count(Counter.READS_INVALID);
      }
    }

    /**
     * Takes the first that is what it seems, from the highest sequence down: a lookup has no more
     * answers than candidates, so liars cost no more than that many verifications.
     */
    @Override
    public void onFound(HolderSearch search, long nowNanos) {
      List<MainlineItem> left = new ArrayList<>(candidates);
      left.sort(Comparator.comparingLong(MainlineItem::sequence).reversed());
      verifyNext(left.iterator(), search.answeredCount(), nowNanos);
    }

    private void verifyNext(Iterator<MainlineItem> left, int answered, long nowNanos) {
      if (!left.hasNext()) {
        operations.core.emit(new EngineEvent.ItemFound(id, null, answered));
        return;
      }
      MainlineItem item = left.next();
      if (!item.isMutable()) {
        // Its target is its hash.
        operations.core.emit(new EngineEvent.ItemFound(id, item, answered));
        return;
      }
      operations.verify(
          effect -> new Effect.Verify(effect, item.publicKey(), item.statement(), item.signature()),
          (good, now) -> {
            if (good) {
              operations.core.emit(new EngineEvent.ItemFound(id, item, answered));
            } else {
              operations.core.count(Counter.READS_INVALID);
              verifyNext(left, answered, now);
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
    private final Stored stored;
    private final List<PutResult.NodeOutcome> outcomes = new ArrayList<>();
    private final List<HolderSearch.Holder> later = new ArrayList<>();
    private int underWay = 1;

    Storing(Wish wish, Stored stored) {
      this.wish = wish;
      this.stored = stored;
    }

    /**
     * Begins. With compare-and-swap, those who hold something come first: if they refuse, the
     * others get nothing, as it would be newer there than what the writer was told of.
     */
    void start(HolderSearch search, long nowNanos) {
      List<HolderSearch.Holder> first = new ArrayList<>();
      for (AddressFamily family : AddressFamily.values()) {
        for (HolderSearch.Holder holder : chosen(search.holders(family))) {
          boolean waits = wish.expectedSequence >= 0 && holder.sequence() < 0;
          (waits ? later : first).add(holder);
        }
      }
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
      if (!later.isEmpty() && !isRefused) {
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
      boolean isSuperseded =
          outcomes.stream().anyMatch(node -> node.errorCode() == ErrorCode.SEQUENCE_TOO_OLD);
      stored.onStored(
          new PutResult(
              wish.key,
              item == null ? 0 : item.sequence(),
              outcomes,
              enough > 0 && PutResult.storedBy(outcomes) >= enough,
              isSuperseded));
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
