package org.bytchat.dht.lookup;

import java.time.Duration;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;

/**
 * What a lookup found, and what it took.
 *
 * @param target the key that was searched
 * @param closest the closest nodes that answered, nearest first; never the asker itself. At most k,
 *     unless the target is crowded: then also those farther away that should be the closest
 * @param depth referrals between the asker's own table and the farthest-referred node of {@code
 *     closest}
 * @param rounds the longest chain of requests of which each could only be sent after an answer to
 *     the one before
 * @param requests requests to nodes, those for proofs of their ids included
 * @param responses nodes that answered
 * @param failures nodes that did not answer in time, or refused
 * @param isCrowded whether there are more nodes around the target than the network should have
 *     there, as if somebody had chosen their ids
 * @param elapsed from the start to the end
 */
@API(status = API.Status.EXPERIMENTAL)
public record LookupResult(
    NodeId target,
    List<Contact> closest,
    int depth,
    int rounds,
    int requests,
    int responses,
    int failures,
    boolean isCrowded,
    Duration elapsed) {

  public LookupResult {
    closest = List.copyOf(closest);
  }
}
