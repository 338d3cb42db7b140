package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.MessageSizer;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** What the parts of one engine share: who the node is, whom it knows, and its ways out. */
final class Core {

  /** Client letters "BC" and version 0.1. */
  static final int VERSION = ('B' << 8 | 'C') << 16 | 0x0001;

  private static final int EVENTS_MAX = 10_000;

  private static final AddressFamily[] FAMILIES = AddressFamily.values();

  NodeIdentity identity;
  final DhtConfig config;
  final Entropy.Streams entropy;
  final Workspace workspace;
  final MessageSizer sizer;
  final Outbox outbox;
  final int networkId;

  /** Whether Mainline's dialect is spoken: no networks, no proofs, errors without a sender. */
  final boolean isMainline;

  final boolean keepsState;

  private final Counters counters = new Counters();
  private final @Nullable RoutingTable[] tables = new RoutingTable[FAMILIES.length];

  /** Of the nodes that offer some of the services that this one does; null if it offers none. */
  private final @Nullable RoutingTable @Nullable [] serviceTables;

  private final @Nullable NetworkSize[] sizes = new NetworkSize[FAMILIES.length];
  private final Fifo<EngineEvent> events = new Fifo<>();
  private final Fifo<Effect> effects = new Fifo<>();

  /** What to do with the result of each effect under way. */
  private Map<Long, EffectHandler> pendingEffects = Collections.emptyMap();

  private long nextEffectId = 1;

  /** Whether the node is a full one; a read-only one asks to be left out of tables. */
  boolean full;

  /** Where peers of several networks agree to see this node, by address family; null if unknown. */
  final @Nullable Endpoint[] external = new Endpoint[FAMILIES.length];

  /** Takes the result of an effect. */
  interface EffectHandler {
    void handle(Effect.Result result, long nowNanos);
  }

  /** Makes an effect of its id. */
  interface EffectFactory {
    Effect create(long id);
  }

  Core(EngineSetup setup, Workspace workspace, MessageSizer sizer, Outbox outbox) {
    this.identity = setup.identity();
    this.config = setup.config();
    this.entropy = setup.entropy();
    this.workspace = workspace;
    this.sizer = sizer;
    this.outbox = outbox;
    this.keepsState = setup.keepsState();
    this.networkId = Keys.networkId(config.network());
    this.isMainline = config.dialect() == Dialect.MAINLINE;
    serviceTables = config.services() == 0 ? null : new RoutingTable[FAMILIES.length];
    for (AddressFamily family : setup.families()) {
      makeTable(family);
      if (serviceTables != null) {
        serviceTables[family.ordinal()] = emptyTable();
      }
    }
  }

  private RoutingTable emptyTable() {
    return new RoutingTable(
        identity.id(), config.routing(), config.defences(), config.scope() == Scope.LOCAL);
  }

  private RoutingTable makeTable(AddressFamily family) {
    RoutingTable table = emptyTable();
    tables[family.ordinal()] = table;
    sizes[family.ordinal()] = new NetworkSize(identity.id(), config.routing().bucketSize());
    return table;
  }

  /** Gives the node another id, and its contacts the places that they have in tables around it. */
  void changeId(NodeId id, long nowNanos) {
    identity = identity.withId(id);
    for (AddressFamily family : FAMILIES) {
      RoutingTable before = table(family);
      if (before != null) {
        RoutingTable after = makeTable(family);
        for (Contact contact : before.contacts()) {
          after.insert(contact, false, before.isFound(contact), nowNanos);
        }
      }
    }
    emit(new EngineEvent.IdChanged(id));
  }

  @Nullable RoutingTable table(AddressFamily family) {
    return tables[family.ordinal()];
  }

  /**
   * Returns the second table of a family, of nodes that offer some of the services that this one
   * does; null in a node that offers none.
   */
  @Nullable RoutingTable serviceTable(AddressFamily family) {
    return serviceTables == null ? null : serviceTables[family.ordinal()];
  }

  /** Returns the second table if it is one for a node with these services at an endpoint. */
  @Nullable RoutingTable serviceTableFor(int services, Endpoint endpoint) {
    return (services & config.services()) == 0 ? null : serviceTable(endpoint.family());
  }

  /** Tells whether nodes prove their ids in crowds, and before they are given a record. */
  boolean asksForProofs() {
    return config.proofOfId() && config.defences().provenHolders();
  }

  /** Takes the result of a lookup of a key that nobody else chose. */
  void onOwnLookup(AddressFamily family, LookupResult result) {
    NetworkSize size = sizes[family.ordinal()];
    if (size != null) {
      size.onLookup(result.target(), result.closest());
    }
  }

  /** Returns about how many nodes the network has, in the family with more; 0 with no contact. */
  long networkSize() {
    double most = 0;
    for (AddressFamily family : FAMILIES) {
      NetworkSize size = sizes[family.ordinal()];
      RoutingTable table = table(family);
      if (size != null && table != null && table.size() > 0) {
        most = Math.max(most, size.estimate(table, workspace.search));
      }
    }
    return Math.round(most);
  }

  /** Returns where peers agree to see this node. */
  List<Endpoint> externalEndpoints() {
    List<Endpoint> known = new ArrayList<>();
    for (Endpoint endpoint : external) {
      if (endpoint != null) {
        known.add(endpoint);
      }
    }
    return known;
  }

  /** See {@link NetworkSize#reach}. */
  long reach(AddressFamily family, double nodes) {
    NetworkSize size = sizes[family.ordinal()];
    RoutingTable table = table(family);
    return size == null || table == null ? 0 : size.reach(nodes, table, workspace.search);
  }

  /**
   * Returns the distance within which all nodes hold what lies there, though they are more than r:
   * the one that should have r; see {@link NetworkSize#holderReach}. It is 0 if 2r nodes are more
   * than a tenth of the network, and without coverage.
   */
  long holderReach(AddressFamily family) {
    NetworkSize size = sizes[family.ordinal()];
    RoutingTable table = table(family);
    if (size == null || table == null || !config.defences().coverage()) {
      return 0;
    }
    return size.holderReach(2.0 * config.store().replicas(), table, workspace.search) / 2;
  }

  /** Returns the first tables of the families that the node is in. */
  List<RoutingTable> tables() {
    List<RoutingTable> all = new ArrayList<>(tables.length);
    addTo(all, tables);
    return all;
  }

  /** Returns all tables, the first ones first. */
  List<RoutingTable> allTables() {
    List<RoutingTable> all = tables();
    if (serviceTables != null) {
      addTo(all, serviceTables);
    }
    return all;
  }

  private static void addTo(List<RoutingTable> all, @Nullable RoutingTable[] some) {
    for (RoutingTable table : some) {
      if (table != null) {
        all.add(table);
      }
    }
  }

  /** Returns how many contacts the second tables have. */
  int serviceContactCount() {
    int count = 0;
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = serviceTable(family);
      count += table == null ? 0 : table.size();
    }
    return count;
  }

  /** Returns how many buckets the deepest of the first tables has. */
  int depth() {
    int depth = 0;
    for (RoutingTable table : tables) {
      depth = Math.max(depth, table == null ? 0 : table.depth());
    }
    return depth;
  }

  int contactCount() {
    int count = 0;
    for (RoutingTable table : tables) {
      count += table == null ? 0 : table.size();
    }
    return count;
  }

  /** Returns the contacts of all tables, bucket by bucket from the farthest. */
  List<Contact> contacts() {
    List<Contact> all = new ArrayList<>();
    for (RoutingTable table : tables()) {
      all.addAll(table.contacts());
    }
    return all;
  }

  /** Returns the contacts of all second tables that offer some services. */
  List<Contact> contacts(int services) {
    List<Contact> all = new ArrayList<>();
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = serviceTable(family);
      if (table != null) {
        table.contacts().stream().filter(contact -> contact.offers(services)).forEach(all::add);
      }
    }
    return all;
  }

  /** Returns the contact of one of the tables with that id and endpoint, or null. */
  @Nullable Contact known(Contact contact) {
    Contact known = in(table(contact.endpoint().family()), contact);
    return known != null ? known : in(serviceTable(contact.endpoint().family()), contact);
  }

  /** Returns the contact of a table with that id and endpoint, or null. */
  static @Nullable Contact in(@Nullable RoutingTable table, Contact contact) {
    Contact found = table == null ? null : table.find(contact.id());
    return found != null && found.endpoint().equals(contact.endpoint()) ? found : null;
  }

  /** Returns the contact of the table that sent a packet from an endpoint, or null. */
  @Nullable Contact knownSender(Packet packet, Endpoint from) {
    RoutingTable table = table(from.family());
    Contact found =
        table == null ? null : table.find(packet.senderHigh, packet.senderMiddle, packet.senderLow);
    return found != null && found.endpoint().equals(from) ? found : null;
  }

  /** Returns who sent a packet from an endpoint, a new contact only if none like it is known. */
  Contact sender(Packet packet, Endpoint from) {
    Contact known = knownSender(packet, from);
    return known != null && known.services() == packet.services()
        ? known
        : workspace.interner.intern(Contact.of(packet.sender(), from, packet.services()));
  }

  /** Tells whether this node would talk to an endpoint at all. */
  boolean isAcceptable(Endpoint endpoint) {
    return config.scope() == Scope.LOCAL ? endpoint.isUsable() : endpoint.isRoutable();
  }

  /**
   * Demands that this node can talk to an endpoint.
   *
   * @throws IllegalArgumentException if it cannot
   */
  void requireReachable(Endpoint endpoint) {
    if (table(endpoint.family()) == null || !isAcceptable(endpoint)) {
      throw new IllegalArgumentException(
          "this node cannot talk to " + endpoint + " in scope " + config.scope());
    }
  }

  /** Tells whether a peer may truly see this node at an endpoint, as far as others agree on it. */
  boolean isOwnEndpoint(Endpoint observed) {
    Endpoint agreed = external[observed.family().ordinal()];
    return agreed == null || agreed.sameAddress(observed);
  }

  /**
   * Moves the contacts of an answer that this node would talk to to the front; returns how many. Of
   * several with one endpoint only the first counts: one endpoint is one node, and whoever names
   * more of them there would have us send them all to somebody else.
   */
  int usableContacts(Packet packet, AddressFamily family) {
    @Nullable Contact[] contacts = packet.contacts(family);
    int usable = 0;
    for (int i = 0; i < packet.contactCount(family); i++) {
      Contact contact = contacts[i];
      if (contact != null
          && isAcceptable(contact.endpoint())
          && !isNamedAt(contact.endpoint(), contacts, usable)) {
        contacts[usable++] = contact;
      } else {
        count(Counter.CONTACTS_DROPPED);
      }
    }
    packet.contactCount(family, usable);
    return usable;
  }

  /** Tells whether an endpoint is named before; called for each usable contact in turn. */
  private boolean isNamedAt(Endpoint endpoint, @Nullable Contact[] contacts, int end) {
    long[] keys = workspace.endpointKeys;
    long key = endpoint.mixed();
    keys[end] = key;
    for (int i = 0; i < end; i++) {
      Contact earlier = keys[i] == key ? contacts[i] : null;
      if (earlier != null && earlier.endpoint().equals(endpoint)) {
        return true;
      }
    }
    return false;
  }

  void count(Counter counter) {
    counters.add(counter, 1);
  }

  void count(Counter counter, long amount) {
    counters.add(counter, amount);
  }

  List<Long> counters() {
    return counters.values();
  }

  /** Returns a random id that shares exactly so many leading bits with the own one. */
  NodeId randomInBucket(int prefix) {
    NodeId own = identity.id();
    Entropy random = entropy.choices();
    long[] words = {own.high(), own.middle(), (long) own.low() << 32};
    int word = prefix / 64;
    int bit = prefix % 64;
    long below = bit == 63 ? 0 : -1L >>> (bit + 1);
    words[word] = (words[word] & ~below | random.nextLong() & below) ^ Long.MIN_VALUE >>> bit;
    for (int i = word + 1; i < words.length; i++) {
      words[i] = random.nextLong();
    }
    return NodeId.of(words[0], words[1], (int) (words[2] >>> 32));
  }

  /** Clears the outbound packet and fills in what every message of this node bears. */
  Packet begin() {
    Packet packet = workspace.outbound;
    packet.clear();
    packet.sender(identity.id());
    packet.networkId = networkId;
    packet.version = VERSION;
    packet.features = full ? config.services() : 0;
    packet.readOnly = !full;
    return packet;
  }

  void send(Endpoint to, Packet packet) {
    int length = outbox.send(to, packet);
    count(Counter.SENT);
    count(Counter.SENT_BYTES, length);
  }

  void emit(EngineEvent event) {
    if (events.size() == EVENTS_MAX) {
      throw new IllegalStateException("the driver does not poll events: " + EVENTS_MAX + " wait");
    }
    events.add(event);
  }

  @Nullable EngineEvent pollEvent() {
    return events.poll();
  }

  boolean hasRoomForEffect() {
    return pendingEffects.size() < config.limits().pendingEffectsMax();
  }

  /** Emits an effect; returns false, and counts it, if too many are under way. */
  boolean perform(EffectFactory factory, EffectHandler handler) {
    if (!hasRoomForEffect()) {
      count(Counter.EFFECTS_REFUSED);
      return false;
    }
    long id = nextEffectId++;
    if (pendingEffects.isEmpty()) {
      pendingEffects = new LinkedHashMap<>();
    }
    pendingEffects.put(id, handler);
    effects.add(factory.create(id));
    return true;
  }

  @Nullable Effect pollEffect() {
    return effects.poll();
  }

  int pendingEffectCount() {
    return pendingEffects.size();
  }

  void handleEffect(long id, Effect.Result result, long nowNanos) {
    EffectHandler handler = pendingEffects.isEmpty() ? null : pendingEffects.remove(id);
    if (handler != null) {
      pendingEffects = pendingEffects.isEmpty() ? Collections.emptyMap() : pendingEffects;
      handler.handle(result, nowNanos);
    }
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    int sum = identity.id().low() ^ counters.touch();
    for (RoutingTable table : tables) {
      sum ^= table == null ? 0 : table.touch();
    }
    return sum;
  }
}
