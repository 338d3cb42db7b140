package org.bytchat.sim.run;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.network.Directory;

/**
 * What is true of every node at every time, whatever happens to it.
 *
 * @param every one of so many handled events is followed by a check, 0 for none
 * @param config every node's configuration
 * @param directory who there is
 */
record Invariants(int every, DhtConfig config, Directory directory) {

  /** Something that must never be so. */
  static final class Violation extends AssertionError {

    private static final long serialVersionUID = 1;

    Violation(String what) {
      super(what);
    }
  }

  /**
   * Checks a node.
   *
   * @throws Violation if something is not as it has to be
   */
  void check(SimNode node) {
    RoutingTable table = node.engine().table(AddressFamily.IPV4);
    if (table != null) {
      checkTable(node, table);
    }
    EngineStats stats = node.engine().stats();
    atMost("requests under way", stats.requestsUnderWay(), config.lookup().transactionsMax());
    atMost("lookups under way", stats.lookupsUnderWay(), config.lookup().lookupsMax());
    atMost("effects under way", stats.effectsUnderWay(), config.limits().pendingEffectsMax());
    atMost(
        "verifications waiting",
        stats.verificationsWaiting(),
        config.limits().pendingVerificationsMax());
    atMost("bytes held", stats.store().bytes(), config.store().bytesMax());
    atMost("records held", stats.store().items(), config.store().recordsMax());
  }

  /**
   * Checks between two events that a node will be called when it wants to be: one that is not would
   * stand still.
   *
   * @throws Violation if it will not
   */
  void checkDeadline(SimNode node, long nowMicros) {
    long deadlineMicros = node.engine().pollTimeoutNanos() / 1000 + 1;
    if (node.calledAtMicros() > Math.max(deadlineMicros, nowMicros)) {
      throw new Violation(
          "node %d wants to be called at %d us, and will be at %d us"
              .formatted(node.index(), deadlineMicros, node.calledAtMicros()));
    }
  }

  private void checkTable(SimNode node, RoutingTable table) {
    NodeId own = node.engine().id();
    List<Contact> contacts = table.contacts();
    require(contacts.size() == table.size(), "the table's size is not that of its contacts");
    Set<NodeId> ids = new HashSet<>();
    Set<Object> endpoints = new HashSet<>();
    int[] fill = new int[NodeId.BITS + 1];
    for (Contact contact : contacts) {
      boolean isNew = ids.add(contact.id()) && endpoints.add(contact.endpoint());
      // Attackers may be there by any name.
      boolean isSomebody =
          directory.isKnown(contact) || directory.isAttacked() && !directory.isOfNode(contact);
      if (!isNew || contact.id().equals(own) || !isSomebody) {
        throw new Violation(
            "in the table, and %s: %s"
                .formatted(isNew ? "nobody's, or the node itself" : "twice", contact));
      }
      fill[own.commonPrefixLength(contact.id())]++;
    }
    for (int bit = 0; bit < NodeId.BITS; bit++) {
      require(
          fill[bit] == table.bucketSize(bit), "a contact is in another bucket than that of its id");
      atMost("contacts in a bucket", fill[bit], config.routing().bucketSize());
    }
  }

  private static void atMost(String what, long value, long limit) {
    if (value > limit) {
      throw new Violation(what + ": " + value + ", and at most " + limit + " are allowed");
    }
  }

  static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new Violation(otherwise);
    }
  }
}
