package org.bytchat.docs;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtEvent;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.PingResult;
import org.bytchat.dht.Profile;
import org.bytchat.dht.Published;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.DeviceLists;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailListener;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.store.StoreStats;

/**
 * The code that the documents show, between markers. {@link ExamplesTest} runs it and compares it
 * with the documents.
 */
final class Examples {

  private Examples() {}

  static void readme(InetSocketAddress address, Path folder, String bootstrap, byte[] uid)
      throws Exception {
    // example: readme
    try (DhtNode node =
        DhtNode.builder().bind(address).data(folder).bootstrap(bootstrap).build().start()) {
      int neighbours = node.joined().get(30, TimeUnit.SECONDS);
      System.out.println("joined, " + neighbours + " neighbours answered");

      NodeId target = Keys.of("meta", uid);
      LookupResult result = node.lookup(target).get(30, TimeUnit.SECONDS);
      result.closest().forEach(contact -> System.out.println(contact.endpoint()));
    }
    // end
  }

  static CompletableFuture<String> failures(DhtNode node, NodeId target) {
    // example: failures
    CompletableFuture<String> outcome =
        node.lookup(target)
            .handle(
                (result, failure) -> {
                  if (failure == null) {
                    return result.closest().size() + " nodes in " + result.elapsed();
                  }
                  // A future that was chained wraps what its source failed with.
                  Throwable reason =
                      failure instanceof CompletionException ? failure.getCause() : failure;
                  if (reason instanceof DhtException.NoPeers) {
                    return "not joined yet, try later: " + reason.getMessage();
                  } else if (reason instanceof DhtException.Overloaded) {
                    return "wait for other lookups first";
                  }
                  return "the node is gone";
                });
    // end
    return outcome;
  }

  static DhtNode offering(InetSocketAddress address, String bootstrap, Map<NodeId, byte[]> notes) {
    // example: service
    // Called on the node's thread: it must not block, but may answer later.
    DhtService service =
        query -> {
          if (query.method() == Method.BIND) {
            notes.put(query.key(), query.payload());
            return CompletableFuture.completedFuture(new DhtService.Answered(new byte[0]));
          }
          byte[] note = notes.get(query.key());
          return CompletableFuture.completedFuture(
              note == null
                  ? new DhtService.Refused(ErrorCode.GENERIC, "nothing is known of it")
                  : new DhtService.Answered(note));
        };
    DhtNode node =
        DhtNode.builder()
            .bind(address)
            .bootstrap(bootstrap)
            .service(Services.TRACKER, service)
            .build();
    // end
    return node;
  }

  static byte[] asking(DhtNode node, NodeId place, byte[] note) throws Exception {
    // example: request
    LookupResult found = node.lookup(place, Services.TRACKER).get(30, TimeUnit.SECONDS);
    for (Contact tracker : found.closest().stream().limit(5).toList()) {
      node.request(tracker, Method.BIND, place, note).get(30, TimeUnit.SECONDS);
    }
    byte[] read =
        node.request(found.closest().get(0), Method.FIND, place, new byte[0])
            .get(30, TimeUnit.SECONDS);
    // end
    return read;
  }

  static StoreStats tracker(InetSocketAddress address, Path folder, DhtService service)
      throws Exception {
    // example: tracker
    DhtNodeBuilder builder = DhtNode.builder().bind(address).data(folder);
    try (DhtNode node = builder.service(Services.TRACKER, service).build().start();
        Tracker tracker =
            Tracker.start(
                Tracker.Setup.of(
                    node.identity(),
                    Keys.networkId(DhtConfig.defaults().network()),
                    node.localAddresses(),
                    folder.resolve(Tracker.FOLDER),
                    DeviceLists.of(node)))) {
      System.out.println("mail is taken at " + tracker.addresses().get(0));
      return tracker.storeStats();
    }
    // end
  }

  static MailClient device(DhtNode node, Path file, MailClient.Account account, MailListener app)
      throws Exception {
    // example: device
    int network = Keys.networkId(DhtConfig.defaults().network());
    MailClient device =
        MailClient.open(
            MailClient.Setup.of(node, network, file, DeliverySigner.NONE, app)
                .withAccount(account));
    // end
    return device;
  }

  static Sending mail(DhtNode node, Path file, Parcel parcel, DeliverySigner keys, MailListener app)
      throws Exception {
    // example: mail
    int network = Keys.networkId(DhtConfig.defaults().network());
    MailClient client = MailClient.open(MailClient.Setup.of(node, network, file, keys, app));
    Sending sending = client.send(parcel);
    sending.queued().get(10, TimeUnit.SECONDS);
    CompletableFuture<Void> unused =
        CompletableFuture.allOf(
            sending.deposited().thenAccept(all -> System.out.println(all.size() + " have it")),
            sending.delivered().thenAccept(one -> System.out.println("read by " + one.proof())));
    // end
    client.close();
    return sending;
  }

  static Duration ping(DhtNode node, InetSocketAddress peer) throws Exception {
    // example: ping
    PingResult answer = node.ping(peer).get(30, TimeUnit.SECONDS);
    System.out.println(
        answer.contact().id() + " answered in " + answer.roundTrip().toMillis() + " ms");
    // end
    return answer.roundTrip();
  }

  static DhtNode events(InetSocketAddress address, String bootstrap, List<String> log) {
    // example: events
    DhtNode node =
        DhtNode.builder()
            .bind(address)
            .bootstrap(bootstrap)
            .config(DhtConfig.defaults().withNetwork("example"))
            .listener(
                event -> {
                  if (event instanceof DhtEvent.Joined joined) {
                    log.add("joined with " + joined.nodes());
                  } else if (event instanceof DhtEvent.OutageBegan) {
                    log.add("nobody answers any more");
                  }
                })
            .build();
    // end
    return node;
  }

  static int shared(InetSocketAddress address) throws Exception {
    // example: shared
    List<DhtNode> nodes = new ArrayList<>();
    try (DhtRuntime runtime = DhtRuntime.start(2, 2)) {
      for (int i = 0; i < 100; i++) {
        nodes.add(DhtNode.builder().bind(address).runtime(runtime).build().start());
      }
      DhtStats stats = nodes.get(0).stats().get(30, TimeUnit.SECONDS);
      System.out.println(stats.engine().count(Counter.RECEIVED) + " datagrams received");
      nodes.forEach(DhtNode::close);
    }
    // end
    return nodes.size();
  }

  static Published publish(DhtNode node, Path keyFile, byte[] picture) throws Exception {
    // example: publish
    UserKey key = UserKey.parsePem(Files.readAllBytes(keyFile), null);
    Published published =
        node.publish(key, Uid.DEFAULT_VERSION, new Profile("Ann", picture))
            .get(60, TimeUnit.SECONDS);
    System.out.println(published.uid() + " at " + published.result().stored() + " nodes");
    if (!published.result().isEnough()) {
      published
          .result()
          .nodes()
          .forEach(one -> System.out.println(one.id() + " " + one.outcome() + " " + one.reason()));
    }
    // end
    return published;
  }

  static String profile(DhtNode node, String uid) throws Exception {
    // example: profile
    Optional<Profile.Found> read = node.profile(Uid.parse(uid)).get(60, TimeUnit.SECONDS);
    String answer =
        read.map(
                found -> {
                  DhtException missing = found.avatarFailure();
                  return found.profile().name()
                      + (missing == null ? "" : ", no avatar: " + missing.getMessage());
                })
            .orElse("no profile");
    // end
    return answer;
  }

  static PutResult record(DhtNode node, UserKey key, byte[] value) throws Exception {
    // example: record
    NodeId place = key.publicKey().uid(Uid.DEFAULT_VERSION).place("note");
    Optional<MutableRecord> held = node.get(place).get(60, TimeUnit.SECONDS);
    long sequence = held.map(MutableRecord::sequence).orElse(0L);
    long week = Duration.ofDays(7).toMillis();
    long heldUntil = held.map(MutableRecord::expiresMillis).orElse(0L);
    // Neither the sequence nor the end may fall, whatever this clock says.
    long issued = Math.max(System.currentTimeMillis(), heldUntil - week);
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.DEFAULT_VERSION,
            "note",
            key.publicKey().encoded(),
            Math.max(sequence + 1, issued),
            issued,
            issued + week,
            value);
    int network = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
    MutableRecord signed = draft.signed(key.sign(draft.statement(network)));
    PutResult result = node.put(signed, sequence).get(60, TimeUnit.SECONDS);
    // end
    return result;
  }

  static CompletableFuture<Published> file(DhtNode node, UserKey key, byte[] content) {
    // example: file
    byte[] value = Blob.cut(content, 0).reference().toBytes();
    CompletableFuture<Published> published =
        node.publish(key, Uid.DEFAULT_VERSION, "file", value, content);
    // end
    return published;
  }

  static void publications(DhtEvent event, List<String> log) {
    // example: publications
    if (event instanceof DhtEvent.Republished again) {
      log.add(again.label() + " is at " + again.result().stored() + " nodes");
    } else if (event instanceof DhtEvent.RepublishFailed failed) {
      log.add(failed.label() + " is tried again soon");
    } else if (event instanceof DhtEvent.PublicationSuperseded superseded) {
      log.add(superseded.label() + " was published anew, by another device");
    }
    // end
  }
}
