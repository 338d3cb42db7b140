package org.bytchat.sim.mail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Services;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.scenario.Folder;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/** The mail of one run: trackers and users on its machines, and what is found of them. */
public final class MailRun {

  private static final long SHARES = 2_013;

  /** The programs of users start after the nodes. */
  private static final long BEGIN_MICROS = 1_000_000;

  private static final long ENTER_MICROS = 10_000_000;
  private static final long CUSTODY_MICROS = 3_600_000_000L;

  /** A message is to be deposited after so long. */
  private static final long PATIENCE_MICROS = 3_600_000_000L;

  private final Setting setting;
  private final Mail mail;
  private final MailWorld world;
  private final Users users;
  private final List<MailMachine> machines = new ArrayList<>();
  private final List<MailLog> logs;
  private final List<MailPlan.Message> messages;
  private final MailAudit audit;
  private final Map<NodeId, Integer> trackers = new HashMap<>();
  private final @Nullable Outbox[] outboxes;
  private long enterMicros;
  private long custodyMicros;

  /**
   * What a run of mail is told.
   *
   * @param mail what the scenario says
   * @param seed the run's seed
   * @param networkId the network
   * @param isCodec whether messages are encoded and decoded
   * @param kernel the machines
   * @param world clocks, links, keys
   * @param directory who there is
   * @param times when it begins and ends
   */
  public record Setting(
      Mail mail,
      long seed,
      int networkId,
      boolean isCodec,
      Kernel kernel,
      SimWorld world,
      Directory directory,
      Times times) {}

  /**
   * When what happens, in microseconds.
   *
   * @param measureFrom when users begin to write
   * @param measureTo when they have ended
   * @param end the end of the run
   * @param clockSlack how far clocks are off at the most
   */
  public record Times(long measureFrom, long measureTo, long end, long clockSlack) {}

  /**
   * Tells what a place offers.
   *
   * @param mail what the scenario says
   * @param seed the run's seed
   * @param place the place
   * @param places how many there are; users' programs have the last ones
   * @param others what all offer besides
   * @return the service bits
   */
  public static int services(Mail mail, long seed, int place, int places, int others) {
    if (place >= places - mail.hosts()) {
      return others & ~Services.TRACKER;
    }
    boolean isTracker = Mix.share(Mix.combine(Mix.seed(seed, SHARES), place)) < mail.share();
    return isTracker ? others | Services.TRACKER : others & ~Services.TRACKER;
  }

  /**
   * Makes the mail of a run.
   *
   * @param setting what it is told
   */
  public MailRun(Setting setting) {
    this.setting = setting;
    this.mail = setting.mail;
    SignatureScheme scheme = setting.world.scheme();
    MailPlan.Span measured = new MailPlan.Span(setting.times.measureFrom, setting.times.measureTo);
    this.users =
        new Users(
            setting.seed,
            new Users.Making(
                mail.users(),
                mail.devices(),
                setting.networkId,
                scheme,
                new Users.Revocations(mail.revocations(), measured)));
    this.world =
        new MailWorld(
            new MailWorld.Parts(
                mail,
                setting.seed,
                setting.networkId,
                scheme,
                setting.isCodec,
                setting.world.effectMicros(),
                setting.world.links(),
                new Ground(),
                users));
    this.outboxes = new Outbox[mail.users()];
    for (SimNode node : setting.kernel.nodes()) {
      MailMachine machine = new MailMachine(world, node);
      machines.add(machine);
      node.house(machine);
      Contact contact = setting.directory.contact(node.index(), 0);
      if ((contact.services() & Services.TRACKER) != 0
          && setting.directory.lives().isReachable(node.index())) {
        machine.serve(
            new TrackerRole(machine, Traitor.draw(mail.traitors(), setting.seed, node.index())));
        trackers.put(contact.id(), node.index());
      }
    }
    world.settle(machines);
    this.logs = machines.stream().map(machine -> machine.log).toList();
    this.messages = MailPlan.messages(mail, setting.seed, span(), users);
    Mail.Flood flood = mail.flood();
    int victims = flood == null ? 0 : flood.victims();
    this.audit = new MailAudit(new Trackers(), users, victims, setting.times.clockSlack);
  }

  private MailPlan.Span span() {
    long from = setting.times.measureFrom;
    Duration over = mail.messages().over();
    long length = over == null ? (setting.times.measureTo - from) / 2 : over.toNanos() / 1_000;
    return new MailPlan.Span(from, from + length);
  }

  // The schedule.

  /** Schedules what users do. */
  public void schedule() {
    int firstHost = machines.size() - mail.hosts();
    long begin = Math.min(BEGIN_MICROS, setting.times.end - 1);
    for (int user = 0; user < users.count(); user++) {
      scheduleDevices(users.user(user), firstHost, begin);
      scheduleRestarts(user, firstHost + user % mail.hosts());
    }
    for (MailPlan.Message message : messages) {
      at(
          Math.max(begin + 1, message.atMicros()),
          firstHost + message.from() % mail.hosts(),
          machine -> outbox(machine, message.from()).write(message));
    }
    Mail.Flood flood = mail.flood();
    if (flood != null) {
      scheduleFlood(flood, firstHost, begin);
    }
  }

  private void at(long micros, int place, Consumer<MailMachine> action) {
    MailMachine machine = machines.get(place);
    setting.kernel.schedule(
        micros,
        place,
        false,
        (node, control) -> {
          if (node.isUp()) {
            machine.during(control, () -> action.accept(machine));
          }
        });
  }

  /** Each is made and used by the thread of its machine only. */
  private Outbox outbox(MailMachine machine, int user) {
    Outbox outbox = outboxes[user];
    if (outbox == null) {
      outbox = new Outbox(machine, users.user(user));
      outboxes[user] = outbox;
    }
    return outbox;
  }

  private void scheduleRestarts(int user, int place) {
    MailPlan.Span life = new MailPlan.Span(setting.times.measureFrom, setting.times.end);
    for (long time : MailPlan.restarts(mail.outboxRestarts(), setting.seed, user, life)) {
      at(time, place, machine -> outbox(machine, user).restart());
    }
  }

  private void scheduleDevices(Users.User user, int firstHost, long begin) {
    MailPlan.Span life = new MailPlan.Span(setting.times.measureFrom, setting.times.end);
    for (int device = 0; device < user.devices().size(); device++) {
      int place = firstHost + Math.floorMod(user.index() * 7 + device, mail.hosts());
      DevicePresence presence = new DevicePresence(user, device);
      for (long time : MailPlan.times(mail.presence(), setting.seed, user.index(), device, life)) {
        if (time < setting.times.end) {
          at(Math.max(begin, time), place, presence::turn);
        }
      }
      if (user.lists().size() > 1 && user.revokedMicros() < setting.times.end) {
        at(Math.max(begin + 1, user.revokedMicros()), place, presence::onRevocation);
      }
    }
  }

  private void scheduleFlood(Mail.Flood flood, int firstHost, long begin) {
    long at = Math.max(begin, setting.times.measureFrom + flood.at().toNanos() / 1_000);
    Duration until = flood.until();
    long end =
        until == null
            ? setting.times.measureTo
            : Math.min(
                setting.times.measureTo, setting.times.measureFrom + until.toNanos() / 1_000);
    for (int i = 0; i < flood.victims(); i++) {
      Users.User victim = users.user(i);
      int place = firstHost + i % mail.hosts();
      if (flood.strangers() > 0) {
        long every = (long) (1e6 * flood.victims() / flood.strangers());
        at(at, place, machine -> new Flooder(machine, victim, null, every, end).begin());
      }
      if (flood.contacts() > 0) {
        long every = (long) (1e6 * flood.victims() / flood.contacts());
        NodeIdentity key = victim.contacts().get((i + 1) % users.count());
        at(at, place, machine -> new Flooder(machine, victim, key, every, end).begin());
      }
    }
  }

  /** A device that comes on line and goes, in turn. */
  private static final class DevicePresence {
    private final Users.User user;
    private final int device;
    private final DeviceStorage storage = new DeviceStorage();
    private @Nullable DeviceClient client;

    DevicePresence(Users.User user, int device) {
      this.user = user;
      this.device = device;
    }

    void turn(MailMachine machine) {
      DeviceClient before = client;
      if (before == null) {
        client = new DeviceClient(machine, user, device, storage);
      } else {
        before.end();
        client = null;
      }
    }

    void onRevocation(MailMachine machine) {
      machine.log.counts.revoked += user.isRevoked(device) ? 1 : 0;
      DeviceClient running = client;
      if (running != null) {
        running.onRevocation();
      }
    }
  }

  // What the run tells.

  /**
   * A node has started.
   *
   * @param node which
   * @param control the node's
   */
  public void start(SimNode node, World.Control control) {
    machines.get(node.index()).start(control);
  }

  /**
   * A node is about to stop.
   *
   * @param node which, still up
   * @param control the node's
   * @param folder what happens to its disk
   * @param torn how much of a write that is under way is there afterwards, negative if the node
   *     stops in good order
   */
  public void stop(SimNode node, World.Control control, Folder folder, double torn) {
    MailMachine machine = machines.get(node.index());
    machine.stop(control, torn < 0);
    TrackerRole role = machine.tracker();
    if (role != null) {
      machine.during(control, () -> role.crash(folder, Math.max(0, torn)));
    }
  }

  /**
   * Looks at what has happened; between two windows.
   *
   * @param nowMicros the time
   * @return what is so that must never be so, found since the last time
   */
  public List<String> advance(long nowMicros) {
    if (nowMicros < enterMicros && nowMicros < setting.times.end) {
      return List.of();
    }
    enterMicros = nowMicros + ENTER_MICROS;
    audit.enter(logs, messages, setting.times.end);
    audit.probe(nowMicros);
    if (nowMicros >= custodyMicros) {
      custodyMicros = nowMicros + CUSTODY_MICROS;
      audit.checkCustody(nowMicros);
    }
    return audit.drainProblems();
  }

  /**
   * Ends it.
   *
   * @param nowMicros the time
   * @return what came of it
   */
  public MailFigures figures(long nowMicros) {
    enterMicros = 0;
    audit.finish(nowMicros);
    MailFigures figures = audit.figures;
    figures.counts = new MailCounts();
    logs.forEach(log -> figures.counts.add(log.counts));
    figures.trackers = trackers.size();
    figures.traitors = trackers.values().stream().filter(place -> !role(place).isHonest()).count();
    return figures;
  }

  /**
   * Returns what has not happened that has to happen in the end.
   *
   * @param nowMicros the time
   * @return in words
   */
  public List<String> overdue(long nowMicros) {
    long overdue = audit.overdue(nowMicros, PATIENCE_MICROS);
    return overdue == 0
        ? List.of()
        : List.of("%d messages are not deposited after an hour".formatted(overdue));
  }

  private TrackerRole role(int place) {
    TrackerRole role = machines.get(place).tracker();
    if (role == null) {
      throw new IllegalArgumentException("no tracker is at " + place);
    }
    return role;
  }

  /** What the audit may know of trackers. */
  private final class Trackers implements MailAudit.View {

    private final Map<NodeId, int[]> nearest = new HashMap<>();

    @Override
    public int placeOf(NodeId tracker) {
      return trackers.getOrDefault(tracker, -1);
    }

    @Override
    public MailDisk.Standing standing(int place, Digest digest) {
      return role(place).disk().standing(digest);
    }

    @Override
    public boolean isDestroyed(int place, Digest digest) {
      return role(place).disk().isDestroyed(digest);
    }

    @Override
    public boolean isHonest(int place) {
      return role(place).isHonest();
    }

    @Override
    public boolean serves(int place) {
      return role(place).serves();
    }

    @Override
    public List<Integer> closestUp(NodeId mailbox, int count) {
      List<Integer> closest = new ArrayList<>();
      for (int place : nearest.computeIfAbsent(mailbox, this::sorted)) {
        if (role(place).isUp()) {
          closest.add(place);
          if (closest.size() == count) {
            break;
          }
        }
      }
      return closest;
    }

    private int[] sorted(NodeId mailbox) {
      return trackers.entrySet().stream()
          .sorted((one, other) -> mailbox.compareDistance(one.getKey(), other.getKey()))
          .mapToInt(Map.Entry::getValue)
          .toArray();
    }
  }

  private final class Ground implements MailWorld.Ground {

    @Override
    public long wallMillis(int node, long micros) {
      return setting.world.wallMillis(node, micros);
    }

    @Override
    public int indexOf(Contact contact) {
      return setting.directory.addresses().indexOf(contact.endpoint());
    }

    @Override
    public NodeIdentity identity(int node) {
      return setting.directory.identity(node, 0);
    }
  }
}
