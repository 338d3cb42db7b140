package org.bytchat.sim.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.network.Directory;

/** What attackers came to. */
final class AttackFigures {

  /** The names of the figures. */
  static final List<String> NAMES =
      List.of(
          "hostile",
          "draws",
          "table_share",
          "victim_table_share",
          "hostile_answers",
          "hostile_queries",
          "hostile_bytes_sent",
          "hostile_bytes_received",
          "puts_taken",
          "exhaustion_puts",
          "exhaustion_stored",
          "exhaustion_refused",
          "spoofed_bytes",
          "reflected_bytes",
          "reflection_factor");

  private final int hostile;
  private final long draws;

  /** Of all honest nodes, and of the victims. */
  final TableShare tables = new TableShare();

  final TableShare victims = new TableShare();
  long answers;
  long queries;
  long bytesSent;
  long bytesReceived;
  long putsTaken;
  long exhaustionPuts;
  long exhaustionStored;
  long exhaustionRefused;
  long spoofedBytes;
  long reflectedBytes;

  /**
   * Makes figures of nothing yet.
   *
   * @param hostile how many places attackers have
   * @param draws how many keys they drew
   */
  AttackFigures(int hostile, long draws) {
    this.hostile = hostile;
    this.draws = draws;
  }

  /** The mean share of a table's contacts that are not honest nodes. */
  static final class TableShare {
    private int tables;
    private double shares;

    /** Adds a node's table, if it is up and has contacts. */
    void add(SimNode node, Directory directory) {
      RoutingTable table = node.isUp() ? node.engine().table(AddressFamily.IPV4) : null;
      if (table == null || table.size() == 0) {
        return;
      }
      int bad = 0;
      for (Contact contact : table.contacts()) {
        bad += directory.isOfNode(contact) ? 0 : 1;
      }
      tables++;
      shares += (double) bad / table.size();
    }

    /** Returns the mean, not a number if there is no table. */
    double mean() {
      return tables == 0 ? Double.NaN : shares / tables;
    }
  }

  /** Returns the figures by name. */
  Map<String, Object> toMap() {
    Map<String, Object> all = new LinkedHashMap<>();
    List<Object> values =
        List.of(
            hostile,
            draws,
            tables.mean(),
            victims.mean(),
            answers,
            queries,
            bytesSent,
            bytesReceived,
            putsTaken,
            exhaustionPuts,
            exhaustionStored,
            exhaustionRefused,
            spoofedBytes,
            reflectedBytes,
            spoofedBytes == 0 ? Double.NaN : (double) reflectedBytes / spoofedBytes);
    for (int i = 0; i < values.size(); i++) {
      all.put(NAMES.get(i), values.get(i));
    }
    return all;
  }
}
