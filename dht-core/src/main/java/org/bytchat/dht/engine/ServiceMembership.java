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
        if (isReachable(family)) {
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
  private void fill(AddressFamily family, int service, int bucket, long nowNanos) {
    if (bucket >= 0) {
      lookups.start(
          LookupPool.Target.forTable(core.randomInBucket(bucket), family, service),
          (id, result, now) -> fill(family, service, bucket - 1, now),
          nowNanos);
    }
  }

  /** Refreshes a bucket that is due. */
  void refresh(long nowNanos) {
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = core.serviceTable(family);
      int bucket = table == null || table.size() == 0 ? -1 : table.pollDueForRefresh(nowNanos);
      for (int rest = bucket < 0 ? 0 : services; rest != 0; rest &= rest - 1) {
        lookups.start(
            LookupPool.Target.forTable(
                core.randomInBucket(bucket), family, Integer.lowestOneBit(rest)),
            (id, result, now) -> {},
            nowNanos);
      }
    }
  }
}
