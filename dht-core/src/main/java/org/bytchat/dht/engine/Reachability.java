package org.bytchat.dht.engine;

import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the node can be reached by those whom it did not contact first, and where it is
 * seen.
 */
final class Reachability {

  /*
   * A query counts as unsolicited if nothing was sent to its address for one to two periods: a
   * router in between may still let in what answers us, and what only shares an address with it.
   * The addresses sent to are kept in two Bloom filters; a false match loses one piece of
   * evidence. A filter that is half full makes way for one twice as long, up to a limit, and
   * takes in no more addresses that were only answered: otherwise whoever asks from many
   * addresses, spoofed ones too, would fill it, and nothing would count as unsolicited any more.
   * Three distinct /16s (IPv6: /32) must have reached us within the window, so that one operator
   * cannot make a node full. It stays full while anybody reaches it so: in a small network, most
   * of which it contacts again and again, few can.
   */

  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long FILTER_NANOS = 300 * SECOND_NANOS;
  private static final long WINDOW_NANOS = 1800 * SECOND_NANOS;
  private static final long PROBE_NANOS = 30 * SECOND_NANOS;
  private static final long PROBE_FULL_NANOS = 600 * SECOND_NANOS;
  private static final int FILTER_WORDS = 16;
  private static final int FILTER_WORDS_MAX = 1024;
  private static final int NETWORKS_NEEDED = 3;
  private static final int NETWORKS_KEPT = 8;

  /** An id is kept for so long at least. */
  private static final long ID_NANOS = 600 * SECOND_NANOS;

  private static final long[] NOTHING = {};
  private static final Endpoint[] NOBODY = {};
  private static final int[] NO_VOTERS = {};

  private final Core core;
  private final TimerTable timers;
  private final Fifo<Request> outgoing;
  private final boolean probes;

  private long[] contacted;
  private long[] contactedBefore;

  /** How many bits of the newer filter are set. */
  private int contactedBits;

  private long filterStartNanos;

  private final long[] networks;
  private final long[] networkSeenNanos;
  private int networkCount;

  /** The last word of each of the last voters on where we are; empty before the first. */
  private @Nullable Endpoint[] votes = NOBODY;

  /** The networks of the voters, in 32 bits. */
  private int[] voters = NO_VOTERS;

  private int nextVote;

  private boolean hasChangedId;
  private long idChangedNanos;

  Reachability(Core core, Membership.Duties duties) {
    this.core = core;
    this.timers = duties.timers();
    this.outgoing = duties.outgoing();
    boolean taken =
        core.config.assumeReachable() || core.config.scope() == Scope.LOCAL || core.isMainline;
    this.probes = !core.config.readOnly() && !taken;
    core.full = !core.config.readOnly() && taken;
    this.contacted = probes ? new long[FILTER_WORDS] : NOTHING;
    this.contactedBefore = contacted;
    this.networks = probes ? new long[NETWORKS_KEPT] : NOTHING;
    this.networkSeenNanos = probes ? new long[NETWORKS_KEPT] : NOTHING;
  }

  void start(long nowNanos) {
    filterStartNanos = nowNanos;
    if (probes) {
      timers.set(
          EngineTimer.REACHABILITY, nowNanos + core.entropy.choices().jitter(PROBE_NANOS / 10));
    }
  }

  /** Forgets what was learned on another network. */
  void onNetworkChanged(long nowNanos) {
    networkCount = 0;
    Arrays.fill(votes, null);
    Arrays.fill(core.external, null);
    update(nowNanos);
  }

  /** Something was sent: a request, or an answer to whoever asked. */
  void onSent(Endpoint to, boolean request, long nowNanos) {
    if (probes) {
      rotate(nowNanos);
      if (request || !isHalfFull()) {
        int bits = bitsOf(to);
        set(bits >>> 6, bits);
        set(bits >>> 16, bits >>> 10);
      }
    }
  }

  private void set(int word, int bit) {
    int place = word & contacted.length - 1;
    contactedBits += (int) (~contacted[place] >>> (bit & 63) & 1);
    contacted[place] |= 1L << (bit & 63);
  }

  private boolean isHalfFull() {
    return contactedBits > contacted.length * Long.SIZE / 2;
  }

  /** A query came in, from somebody whom we may have contacted first or not. */
  void onQuery(Endpoint from, long nowNanos) {
    if (!probes || wasContacted(from, nowNanos)) {
      return;
    }
    long network = from.network();
    int place = -1;
    for (int i = 0; i < networkCount; i++) {
      if (networks[i] == network) {
        place = i;
      }
    }
    if (place < 0 && networkCount < NETWORKS_KEPT) {
      place = networkCount++;
    }
    for (int i = 0; place < 0 && i < NETWORKS_KEPT; i++) {
      if (nowNanos - networkSeenNanos[i] > WINDOW_NANOS) {
        place = i;
      }
    }
    if (place >= 0) {
      networks[place] = network;
      networkSeenNanos[place] = nowNanos;
      update(nowNanos);
    }
  }

  private int freshNetworks(long nowNanos) {
    int fresh = 0;
    for (int i = 0; i < networkCount; i++) {
      fresh += nowNanos - networkSeenNanos[i] <= WINDOW_NANOS ? 1 : 0;
    }
    return fresh;
  }

  private void update(long nowNanos) {
    boolean reachable = freshNetworks(nowNanos) >= (core.full ? 1 : NETWORKS_NEEDED);
    if (probes && reachable != core.full) {
      core.full = reachable;
      core.emit(new EngineEvent.ReachabilityChanged(reachable));
    }
  }

  /** Asks a contact to have a third node reach us. */
  void onTimer(long nowNanos) {
    update(nowNanos);
    boolean sure = core.full && freshNetworks(nowNanos) >= NETWORKS_NEEDED;
    long pause = sure ? PROBE_FULL_NANOS : PROBE_NANOS;
    timers.set(EngineTimer.REACHABILITY, nowNanos + core.entropy.choices().jitter(pause));
    for (RoutingTable table : core.tables()) {
      List<Contact> contacts = table.contacts();
      if (!contacts.isEmpty()) {
        outgoing.add(Request.ping(Request.Purpose.REACHABILITY, choosePeer(contacts, nowNanos)));
      }
    }
  }

  /**
   * Chooses whom to ask: somebody contacted lately if possible, so that in a small network others
   * are left who can reach us unasked.
   */
  private Contact choosePeer(List<Contact> contacts, long nowNanos) {
    int start = core.entropy.choices().nextBelow(contacts.size());
    for (int i = 0; i < contacts.size(); i++) {
      Contact contact = contacts.get((start + i) % contacts.size());
      if (wasContacted(contact.endpoint(), nowNanos)) {
        return contact;
      }
    }
    return contacts.get(start);
  }

  /** A peer says where it sees us. */
  void onObserved(@Nullable Endpoint observed, Endpoint peer, long nowNanos) {
    if (observed == null || observed.family() != peer.family() || !core.isAcceptable(observed)) {
      return;
    }
    if (votes.length == 0) {
      votes = new Endpoint[NETWORKS_KEPT];
      voters = new int[NETWORKS_KEPT];
    }
    int voter = Long.hashCode(peer.network());
    int place = -1;
    for (int i = 0; i < NETWORKS_KEPT; i++) {
      if (votes[i] != null && voters[i] == voter) {
        place = i;
      }
    }
    if (place < 0) {
      place = nextVote;
      nextVote = (nextVote + 1) % NETWORKS_KEPT;
    }
    votes[place] = sameVote(observed);
    voters[place] = voter;
    Endpoint agreed = core.external[observed.family().ordinal()];
    int needed = core.config.scope() == Scope.LOCAL ? 1 : NETWORKS_NEEDED;
    int agreeing = votesFor(observed);
    // More than for what was agreed before, so that a few liars do not outvote the others.
    if (!observed.equals(agreed) && agreeing >= needed && agreeing > votesFor(agreed)) {
      core.external[observed.family().ordinal()] = votes[place];
      core.emit(new EngineEvent.ExternalEndpoint(observed));
    }
    fitId(observed, nowNanos);
  }

  /**
   * In Mainline's dialect, takes an id that follows from the own address (BEP 42), once most of the
   * last voters agree on that, whatever ports they see. A node of both families has one id, that of
   * its IPv4 address. It does not change often, however often voters change their minds.
   */
  private void fitId(Endpoint own, long nowNanos) {
    boolean isFirst = own.family() == AddressFamily.IPV4 || core.table(AddressFamily.IPV4) == null;
    NodeId id = core.identity.id();
    if (!core.isMainline
        || !isFirst
        || SecureIds.isSecure(id, own)
        || (hasChangedId && nowNanos - idChangedNanos < ID_NANOS)) {
      return;
    }
    int agreeing = 0;
    int voices = 0;
    for (Endpoint vote : votes) {
      voices += vote != null ? 1 : 0;
      agreeing += vote != null && vote.sameAddress(own) ? 1 : 0;
    }
    if (agreeing >= NETWORKS_NEEDED && 2 * agreeing > voices) {
      hasChangedId = true;
      idChangedNanos = nowNanos;
      core.changeId(SecureIds.of(id, own), nowNanos);
      timers.set(EngineTimer.SELF_LOOKUP, nowNanos);
    }
  }

  /** Returns the instance that another voter's word is, if it is the same: most of them are. */
  private Endpoint sameVote(Endpoint observed) {
    for (Endpoint vote : votes) {
      if (observed.equals(vote)) {
        return vote;
      }
    }
    return observed;
  }

  private int votesFor(@Nullable Endpoint endpoint) {
    int count = 0;
    for (Endpoint vote : votes) {
      count += vote != null && endpoint != null && vote.equals(endpoint) ? 1 : 0;
    }
    return count;
  }

  private boolean wasContacted(Endpoint endpoint, long nowNanos) {
    rotate(nowNanos);
    int bits = bitsOf(endpoint);
    return isSet(contacted, bits) || isSet(contactedBefore, bits);
  }

  private static boolean isSet(long[] filter, int bits) {
    return (filter[bits >>> 6 & filter.length - 1] >>> (bits & 63) & 1) != 0
        && (filter[bits >>> 16 & filter.length - 1] >>> (bits >>> 10 & 63) & 1) != 0;
  }

  private void rotate(long nowNanos) {
    if (nowNanos - filterStartNanos >= FILTER_NANOS) {
      int words = isHalfFull() ? contacted.length * 2 : contacted.length / 2;
      contactedBefore = contacted;
      contacted = new long[Math.max(FILTER_WORDS, Math.min(FILTER_WORDS_MAX, words))];
      contactedBits = 0;
      filterStartNanos = nowNanos;
    }
  }

  private static int bitsOf(Endpoint endpoint) {
    long mixed = (endpoint.addressHigh() * 31 + endpoint.addressLow()) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }
}
