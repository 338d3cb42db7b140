package org.bytchat.docs;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.Profile;
import org.bytchat.dht.Published;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.runtime.DhtRuntime;

/**
 * A program that publishes a profile with a picture through one of a few local nodes, and reads it
 * through all of them.
 */
final class ExampleProfile {

  private static final int NODES = 6;
  private static final int PATIENCE_SECONDS = 30;

  private ExampleProfile() {}

  /** Runs the program. */
  public static void main(String[] arguments) throws Exception {
    byte[] picture = new byte[20_000];
    new SecureRandom().nextBytes(picture);
    for (Profile.Found found : publishAndRead(new Profile("Ann", picture))) {
      System.out.println(found.profile() + ", sequence " + found.sequence());
    }
  }

  /** Returns what each node reads. */
  static List<Profile.Found> publishAndRead(Profile profile) throws Exception {
    UserKey key = UserKey.generateEd25519(new SecureRandom());
    Uid uid = key.publicKey().uid(Uid.DEFAULT_VERSION);
    List<DhtNode> nodes = new ArrayList<>();
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      try {
        startNodes(nodes, runtime);
        try (Published published =
            nodes
                .get(0)
                .publish(key, Uid.DEFAULT_VERSION, profile)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          report(uid, published.result());
          return readThroughAll(nodes, uid);
        }
      } finally {
        nodes.forEach(DhtNode::close);
      }
    }
  }

  private static void startNodes(List<DhtNode> nodes, DhtRuntime runtime) throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < NODES; i++) {
      DhtNodeBuilder builder = DhtNode.builder().bind(anyPort).runtime(runtime);
      if (i > 0) {
        InetSocketAddress first = nodes.get(0).localAddresses().get(0);
        builder.bootstrap(first.getAddress().getHostAddress() + ":" + first.getPort());
      }
      nodes.add(builder.build().start());
    }
    for (DhtNode node : nodes) {
      node.joined().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void report(Uid uid, PutResult result) {
    System.out.println(uid + " is stored by " + result.stored() + " nodes");
    for (PutResult.NodeOutcome node : result.nodes()) {
      System.out.println("  " + node.id() + " " + node.outcome() + " " + node.reason());
    }
    if (!result.isEnough()) {
      System.out.println("  these are too few; the node tries again soon");
    }
  }

  private static List<Profile.Found> readThroughAll(List<DhtNode> nodes, Uid uid) throws Exception {
    List<Profile.Found> all = new ArrayList<>();
    for (DhtNode node : nodes) {
      node.profile(uid).get(PATIENCE_SECONDS, TimeUnit.SECONDS).ifPresent(all::add);
    }
    return all;
  }
}
