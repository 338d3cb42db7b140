package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.store.RecordStore;

/**
 * The state of an engine at one moment.
 *
 * @param contacts contacts in the first tables
 * @param serviceContacts contacts in the second tables, which a node has that offers services
 * @param buckets buckets of the deepest table
 * @param requestsUnderWay requests that wait for an answer
 * @param lookupsUnderWay lookups that are running
 * @param lookupsWaiting lookups that wait for a place
 * @param verificationsWaiting contacts that wait for a verifying ping
 * @param effectsUnderWay effects that the driver has not finished
 * @param softTimeoutNanos after how long a request counts as slow at present
 * @param rttMedianNanos the median round-trip time, 0 if unknown
 * @param joined whether the node found its network
 * @param outage whether nobody answers at present
 * @param full whether the node is a full one, not read-only
 * @param external where peers agree to see the node, at most one for each family
 * @param networkSize about how many nodes the network has, this one included, in the family with
 *     more; 0 if none is known
 * @param publications what is published again and again
 * @param store how full the store is
 * @param counters the value of each {@link Counter}, in its order
 */
@API(status = API.Status.EXPERIMENTAL)
public record EngineStats(
    int contacts,
    int serviceContacts,
    int buckets,
    int requestsUnderWay,
    int lookupsUnderWay,
    int lookupsWaiting,
    int verificationsWaiting,
    int effectsUnderWay,
    long softTimeoutNanos,
    long rttMedianNanos,
    boolean joined,
    boolean outage,
    boolean full,
    List<Endpoint> external,
    long networkSize,
    int publications,
    RecordStore.Stats store,
    List<Long> counters) {

  public EngineStats {
    external = List.copyOf(external);
    counters = List.copyOf(counters);
  }

  /**
   * Returns a counter.
   *
   * @param counter which one
   * @return its value since the start
   */
  public long count(Counter counter) {
    return counters.get(counter.ordinal());
  }
}
