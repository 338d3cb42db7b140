package org.bytchat.dht.engine;

import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.Method;

/** Sends pings on behalf of others. */
final class Forwards implements RequestHandler.Forwarder {

  private final Core core;
  private final Membership.Duties duties;

  Forwards(Core core, Membership.Duties duties) {
    this.core = core;
    this.duties = duties;
  }

  @Override
  public boolean forward(Endpoint asker, long nowNanos) {
    RoutingTable table = core.table(asker.family());
    List<Contact> contacts = table == null ? List.of() : table.contacts();
    int start = contacts.isEmpty() ? 0 : core.entropy.choices().nextBelow(contacts.size());
    for (int i = 0; i < contacts.size(); i++) {
      Contact third = contacts.get((start + i) % contacts.size());
      if (!third.endpoint().sameAddress(asker)) {
        Request request = Request.ping(Request.Purpose.FORWARD, third);
        request.forwardTo = asker;
        return duties.enqueue(request);
      }
    }
    return false;
  }

  @Override
  public void reachOut(Endpoint target, long nowNanos) {
    duties.enqueue(new Request(Request.Purpose.REACH_OUT, Method.PING, target, null));
  }
}
