package org.bytchat.dht;

import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.NodeId;

/**
 * The state of a node at one moment.
 *
 * @param id the node's id
 * @param uptime since it was started
 * @param engine what its engine knows and counted
 * @param sendsDropped datagrams that the operating system did not take
 */
@API(status = API.Status.EXPERIMENTAL)
public record DhtStats(NodeId id, Duration uptime, EngineStats engine, long sendsDropped) {}
