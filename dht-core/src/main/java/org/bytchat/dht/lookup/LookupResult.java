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
 * @param closest the closest nodes that answered, nearest first, at most k; never the asker itself
 * @param depth referrals between the asker's own table and the farthest-referred node of {@code
 *     closest}
 * @param rounds the longest chain of requests of which each could only be sent after an answer to
 *     the one before
 * @param requests nodes that were asked
 * @param responses nodes that answered
 * @param failures nodes that did not answer in time, or refused
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
    Duration elapsed) {

  public LookupResult {
    closest = List.copyOf(closest);
  }
}
