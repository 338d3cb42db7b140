package org.bytchat.dht.engine;

import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
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

  /** Whether the buckets were refreshed since this node last became a full one. */
  private boolean isFilled;

  ServiceMembership(Core core, LookupPool lookups) {
    this.core = core;
    this.lookups = lookups;
    this.services = core.config.services();
  }

  /** Has the own id looked up again, as soon as this node is one that others may know of. */
  void join() {
    isJoined = false;
  }

  /** Does what is due now that the node is a full one, or is not any more. */
  void adjust(long nowNanos) {
    if (!core.full) {
      // Others forget who is read-only, so all begins anew.
      isJoined = false;
      isFilled = false;
    } else if (!isJoined) {
      isJoined = true;
      boolean fills = !isFilled;
      isFilled = true;
      for (AddressFamily family : FAMILIES) {
        // The first time it is to be heard of by all means.
        if (isReachable(family) && (fills || !isLikeFirst(family, nearestBucket(family)))) {
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
    while (bucket >= 0 && isLikeFirst(family, bucket)) {
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
      boolean isNeeded = bucket >= 0 && !isLikeFirst(family, bucket);
      for (int rest = isNeeded ? services : 0; rest != 0; rest &= rest - 1) {
        lookups.start(
            LookupPool.Target.forTable(
                core.randomInBucket(bucket), family, Integer.lowestOneBit(rest)),
            (id, result, now) -> {},
            nowNanos);
      }
    }
  }

  /** Returns the nearest bucket of the first table that has anybody. */
  private int nearestBucket(AddressFamily family) {
    RoutingTable first = core.table(family);
    return first == null ? -1 : first.depth() - 1;
  }

  /**
   * Tells whether a bucket of the first table has none but nodes that offer all that this one does,
   * and the second table knows most of them.
   */
  private boolean isLikeFirst(AddressFamily family, int bucket) {
    RoutingTable first = core.table(family);
    RoutingTable second = core.serviceTable(family);
    if (first == null || second == null || bucket < 0) {
      return false;
    }
    int size = first.bucketSize(bucket);
    return size > 0
        && second.bucketSize(bucket) * 4 >= size * 3
        && first.contacts().stream()
            .filter(one -> core.identity.id().commonPrefixLength(one.id()) == bucket)
            .allMatch(one -> (one.services() & services) == services);
  }
}
