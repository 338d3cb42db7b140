package org.bytchat.sim.mail;

import java.util.List;
import java.util.function.Consumer;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.engine.TrackerEffect;
import org.bytchat.tracker.engine.TrackerEngine;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.store.StoreException;

/** What a tracker asks of others, to repair what it has. */
final class PeerStreams {

  private final MailMachine machine;
  private Lines lines;

  PeerStreams(MailMachine machine) {
    this.machine = machine;
    this.lines = new Lines(machine, this::greeting);
  }

  /** Forgets all streams, which have ended with the machine's life. */
  void clear() {
    lines = new Lines(machine, this::greeting);
  }

  private Request greeting(Contact peer, byte[] handshakeHash) {
    NodeIdentity self = machine.world().identity(machine.index());
    byte[] statement =
        RepairStatements.peer(machine.world().networkId(), peer.id(), self.id(), handshakeHash);
    return new Request.Peer(self.publicKey(), self.sign(statement));
  }

  /** Tells the engine which trackers the node knows. */
  void tellNeighbours(TrackerEngine engine) {
    RoutingTable table = machine.node().engine().serviceTable(AddressFamily.IPV4);
    if (table == null) {
      return;
    }
    List<Contact> trackers =
        table.contacts().stream()
            .filter(contact -> (contact.services() & Services.TRACKER) != 0)
            .toList();
    engine.handleNeighbours(trackers, machine.nowNanos());
  }

  void ask(TrackerEffect.AskPeer effect, Consumer<TrackerEffect.Result> then) {
    machine.log.counts.repairAsks++;
    lines.ask(
        effect.peer(),
        hash -> effect.request(),
        reply -> {
          if (reply instanceof Lines.Answered answered) {
            machine.log.counts.repairBytes += machine.world().sizeOf(answered.response());
            then.accept(new TrackerEffect.PeerAnswered(answered.response()));
          } else {
            then.accept(new TrackerEffect.Failed(StoreException.Reason.IO));
          }
        });
  }
}
