package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;

/**
 * Makes a node that offers services known to those that offer them too, and fills its second tables
 * with these: lookups of the own id, then of each bucket, as {@link Membership} does it for the
 * first tables. They run for each service by itself, since who offers one need not offer another.
 *
 * <p>Where all whom the first table knows offer the same, the first table's lookups find whom these
 * would find, and they are left out: in a network of equals the upkeep would be twice as much.
 */
final class ServiceMembership {

  private static final AddressFamily[] FAMILIES = AddressFamily.values();

  private final Core core;
  private final LookupPool lookups;
  private final int services;

  /** Whether others know, as far as lookups can tell them, that this node offers its services. */
  private boolean isJoined;

  /** Whether that was done since the node joined. */
  private boolean isTold;

  /** How many lookups could be left out. */
  private int sparedCount;

  /** Whether the buckets were refreshed since this node last became a full one. */
  private boolean isFilled;

  ServiceMembership(Core core, LookupPool lookups) {
    this.core = core;
    this.lookups = lookups;
    this.services = core.config.services();
  }

  /** Has others told of this node, as soon as it is one that they may know of. */
  void join() {
    isJoined = false;
    isTold = false;
  }

  /** Has the own id looked up again, if that finds others than the first table's lookup. */
  void refreshSelf() {
    isJoined = false;
  }

  /** Does what is due now that the node is a full one, or is not any more. */
  void adjust(long nowNanos) {
    if (!core.full) {
      // Others forget who is read-only, so all begins anew.
      isJoined = false;
      isTold = false;
      isFilled = false;
    } else if (!isJoined) {
      isJoined = true;
      boolean fills = !isFilled;
      boolean isNeeded = fills || !isTold;
      isFilled = true;
      isTold = true;
      for (AddressFamily family : FAMILIES) {
        if (isReachable(family) && (isNeeded || !spares(family, nearest(family)))) {
          lookUpSelf(family, fills, nowNanos);
        }
      }
    }
  }

  /** Tells whether there is anybody to ask in a family. */
  private boolean isReachable(AddressFamily family) {
    RoutingTable first = core.table(family);
    return first != null && first.size() > 0;
  }

  private void lookUpSelf(AddressFamily family, boolean fills, long nowNanos) {
    for (int rest = services; rest != 0; rest &= rest - 1) {
      int service = Integer.lowestOneBit(rest);
      lookups.start(
          LookupPool.Target.forTable(core.identity.id(), family, service),
          (id, result, now) -> {
            lookups.learn(result.closest(), now);
            if (fills) {
              fill(family, service, depthWith(family, result), now);
            }
          },
          nowNanos);
    }
  }

  /**
   * Returns the last bucket that others are to be looked for in: the nearest are all of the rest.
   */
  private int depthWith(AddressFamily family, LookupResult result) {
    RoutingTable table = core.serviceTable(family);
    List<Contact> nearest = result.closest();
    int depth = table == null ? 0 : table.depth();
    if (!nearest.isEmpty()) {
      NodeId farthest = nearest.get(nearest.size() - 1).id();
      depth = Math.max(depth, core.identity.id().commonPrefixLength(farthest) + 1);
    }
    return Math.min(NodeId.BITS - 1, depth);
  }

  /** Refreshes the buckets one after the other, from the nearest to the farthest. */
  private void fill(AddressFamily family, int service, int from, long nowNanos) {
    int bucket = from;
    while (bucket >= 0 && spares(family, judgedFor(family, bucket))) {
      bucket--;
    }
    if (bucket >= 0) {
      int next = bucket - 1;
      lookups.start(
          LookupPool.Target.forTable(core.randomInBucket(bucket), family, service),
          (id, result, now) -> fill(family, service, next, now),
          nowNanos);
    }
  }

  /** Refreshes a bucket that is due. */
  void refresh(long nowNanos) {
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = core.serviceTable(family);
      int bucket = table == null || table.size() == 0 ? -1 : table.pollDueForRefresh(nowNanos);
      boolean isNeeded = bucket >= 0 && !spares(family, judgedFor(family, bucket));
      for (int rest = isNeeded ? services : 0; rest != 0; rest &= rest - 1) {
        lookups.start(
            LookupPool.Target.forTable(
                core.randomInBucket(bucket), family, Integer.lowestOneBit(rest)),
            (id, result, now) -> {},
            nowNanos);
      }
    }
  }

  /** Returns the k contacts of the first table that are nearest to this node. */
  private List<Contact> nearest(AddressFamily family) {
    RoutingTable first = core.table(family);
    List<Contact> nearest = new ArrayList<>();
    if (first != null) {
      ClosestSearch search =
          core.workspace.search.begin(core.identity.id(), core.config.routing().bucketSize());
      int count = first.closest(search);
      for (int i = 0; i < count; i++) {
        nearest.add(search.get(i));
      }
    }
    return nearest;
  }

  /**
   * Returns those of the first table that say whether a bucket of the second one needs lookups of
   * its own: the bucket's, if there are k, and the nearest ones if the bucket's are of these. Fewer
   * than k would say little, and could all be one attacker's.
   */
  private List<Contact> judgedFor(AddressFamily family, int bucket) {
    RoutingTable first = core.table(family);
    if (first == null) {
      return List.of();
    }
    List<Contact> inBucket =
        first.contacts().stream()
            .filter(one -> core.identity.id().commonPrefixLength(one.id()) == bucket)
            .toList();
    if (inBucket.size() >= core.config.routing().bucketSize()) {
      return inBucket;
    }
    List<Contact> nearest = nearest(family);
    return nearest.containsAll(inBucket) ? nearest : List.of();
  }

  /**
   * Leaves a lookup for the second table out if it can; tells whether it does. It can, if k or more
   * contacts of the first one offer all that this node does, and the second one knows most of them.
   * Each fourth is made all the same, so that whoever has got into both tables does not decide for
   * good.
   */
  private boolean spares(AddressFamily family, List<Contact> judged) {
    RoutingTable second = core.serviceTable(family);
    if (second == null
        || judged.size() < core.config.routing().bucketSize()
        || !judged.stream().allMatch(one -> (one.services() & services) == services)) {
      return false;
    }
    long knownCount = judged.stream().filter(one -> second.find(one.id()) != null).count();
    return knownCount * 4 >= judged.size() * 3L && sparedCount++ % 4 != 3;
  }
}
