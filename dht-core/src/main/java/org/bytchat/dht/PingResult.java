package org.bytchat.dht;

import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Contact;

/**
 * Who answered a ping.
 *
 * @param contact the node that answered; its id is its own claim
 * @param roundTrip how long it took, from the last copy sent
 */
@API(status = API.Status.EXPERIMENTAL)
public record PingResult(Contact contact, Duration roundTrip) {}
