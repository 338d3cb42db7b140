package org.bytchat.dht;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;

/** Makes one result of the lookups in several address families. */
final class LookupMerge {

  private LookupMerge() {}

  /**
   * Merges results for one target; a node found in both families counts once. Of a crowd all count.
   */
  static LookupResult merge(LookupResult a, LookupResult b, int limit) {
    Map<NodeId, Contact> byId = new LinkedHashMap<>();
    a.closest().forEach(contact -> byId.putIfAbsent(contact.id(), contact));
    b.closest().forEach(contact -> byId.putIfAbsent(contact.id(), contact));
    List<Contact> closest = new ArrayList<>(byId.values());
    closest.sort((x, y) -> a.target().compareDistance(x.id(), y.id()));
    boolean isCrowded = a.isCrowded() || b.isCrowded();
    return new LookupResult(
        a.target(),
        isCrowded ? closest : closest.subList(0, Math.min(limit, closest.size())),
        Math.max(a.depth(), b.depth()),
        Math.max(a.rounds(), b.rounds()),
        a.requests() + b.requests(),
        a.responses() + b.responses(),
        a.failures() + b.failures(),
        isCrowded,
        a.elapsed().compareTo(b.elapsed()) >= 0 ? a.elapsed() : b.elapsed());
  }
}
