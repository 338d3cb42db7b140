package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.jspecify.annotations.Nullable;

/** The users of a run with their keys and devices, all of which follow from its seed. */
final class Users {

  /** So many write to each user. */
  private static final int CONTACTS = 8;

  private static final int HOURLY_RATE = 1_000;
  private static final int QUOTA = 500;
  private static final long KEYS = 2_002;
  private static final int KEY_BYTES = 32;
  private static final long REVOCATION = 1_000;

  private final List<User> all = new ArrayList<>();
  private final Map<NodeId, User> byMailbox = new HashMap<>();

  /**
   * A user.
   *
   * @param index the number of the user
   * @param owner as others know the user
   * @param mailbox where the mailbox is
   * @param devices keys of the devices
   * @param lists name them: all of them, and after a revocation all but the last
   * @param revokedMicros when the last device is revoked, {@link Long#MAX_VALUE} for never
   * @param contacts who may write, and with which key
   * @param keys tells the trackers of them
   */
  record User(
      int index,
      Owner owner,
      NodeId mailbox,
      List<NodeIdentity> devices,
      List<DeviceList> lists,
      long revokedMicros,
      Map<Integer, NodeIdentity> contacts,
      DeliveryKeys keys) {

    /** Returns the list that holds at a time. */
    DeviceList list(long atMicros) {
      return lists.get(atMicros >= revokedMicros ? 1 : 0);
    }

    /** Returns bits of the devices that have to have what is deleted at a time. */
    int required(long atMicros) {
      return (1 << devices.size() - (atMicros >= revokedMicros ? 1 : 0)) - 1;
    }

    /** Tells whether a device is the one that is revoked sooner or later. */
    boolean isRevoked(int device) {
      return lists.size() > 1 && device == devices.size() - 1;
    }

    /** Returns the number of a device, -1 if it is none of the user's. */
    int deviceIndex(DeviceId id) {
      for (int i = 0; i < devices.size(); i++) {
        if (DeviceId.ofKey(devices.get(i).publicKey()).equals(id)) {
          return i;
        }
      }
      return -1;
    }

    DeviceId deviceId(int device) {
      return DeviceId.ofKey(devices.get(device).publicKey());
    }
  }

  /**
   * Makes users.
   *
   * @param seed the run's
   * @param making how they are
   */
  Users(long seed, Making making) {
    long state = Mix.seed(seed, KEYS);
    for (int i = 0; i < making.count; i++) {
      User user = make(Mix.combine(state, i), i, making);
      all.add(user);
      byMailbox.put(user.mailbox, user);
    }
  }

  /**
   * How users are.
   *
   * @param count how many there are
   * @param devicesMax each has from 1 to so many devices
   * @param networkId the network
   * @param scheme what signs
   * @param revocations when some of them revoke a device
   */
  record Making(
      int count, int devicesMax, int networkId, SignatureScheme scheme, Revocations revocations) {}

  /**
   * Revocations of devices.
   *
   * @param share of the users with several devices, how many revoke their last one
   * @param span when
   */
  record Revocations(double share, MailPlan.Span span) {

    static final Revocations NONE = new Revocations(0, new MailPlan.Span(0, 1));

    /** Draws when a user revokes, {@link Long#MAX_VALUE} for never. */
    long draw(long state) {
      long length = span.toMicros() - span.fromMicros();
      return Mix.share(Mix.at(state, 0)) < share
          ? span.fromMicros() + (long) (Mix.share(Mix.at(state, 1)) * length)
          : Long.MAX_VALUE;
    }
  }

  private static User make(long state, int index, Making making) {
    int count = making.count;
    int networkId = making.networkId;
    SignatureScheme scheme = making.scheme;
    int drawn = 0;
    UserKey key = UserKey.ofSeed(scheme, Bits.bytes(Mix.combine(state, drawn++), KEY_BYTES));
    int deviceCount = 1 + Mix.below(Mix.combine(state, drawn++), making.devicesMax);
    List<NodeIdentity> devices = new ArrayList<>();
    List<Device> listed = new ArrayList<>();
    for (int i = 0; i < deviceCount; i++) {
      NodeIdentity device = identity(scheme, Mix.combine(state, drawn++));
      devices.add(device);
      byte[] exchangeKey = Bits.bytes(Mix.combine(state, drawn++), KEY_BYTES);
      listed.add(new Device(device.publicKey(), exchangeKey, 1));
    }
    Map<Integer, NodeIdentity> contacts = new HashMap<>();
    List<DeliveryKeys.Key> registered = new ArrayList<>();
    for (int i = 1; i <= Math.min(CONTACTS, count - 1); i++) {
      NodeIdentity contact = identity(scheme, Mix.combine(state, drawn++));
      contacts.put((index + i) % count, contact);
      registered.add(new DeliveryKeys.Key(contact.publicKey(), HOURLY_RATE, QUOTA));
    }
    Owner owner = new Owner(2, key.publicKey());
    List<DeviceList> lists = new ArrayList<>();
    lists.add(
        DeviceList.sign(
            new DeviceList.Content(1, new byte[DeviceList.HASH_BYTES], 0, listed, List.of()),
            key,
            2,
            networkId));
    long revokedMicros = Long.MAX_VALUE;
    if (deviceCount > 1) {
      revokedMicros = making.revocations.draw(Mix.combine(state, REVOCATION));
    }
    if (revokedMicros != Long.MAX_VALUE) {
      lists.add(withoutLast(lists.get(0), key, networkId));
    }
    NodeIdentity first = devices.get(0);
    DeliveryKeys keys =
        DeliveryKeys.sign(
            new DeliveryKeys.Content(
                owner.mailbox(), 1, 0, DeviceId.ofKey(first.publicKey()), registered),
            networkId,
            first::sign);
    return new User(
        index,
        owner,
        owner.mailbox(),
        List.copyOf(devices),
        List.copyOf(lists),
        revokedMicros,
        Map.copyOf(contacts),
        keys);
  }

  private static DeviceList withoutLast(DeviceList before, UserKey key, int networkId) {
    DeviceList.Content content = before.content();
    List<Device> devices = content.devices();
    int left = devices.size() - 1;
    return DeviceList.sign(
        new DeviceList.Content(
            content.version() + 1,
            before.hash(),
            0,
            devices.subList(0, left),
            List.of(devices.get(left).id())),
        key,
        2,
        networkId);
  }

  private static NodeIdentity identity(SignatureScheme scheme, long state) {
    return NodeIdentity.of(scheme, Bits.bytes(state, KEY_BYTES));
  }

  int count() {
    return all.size();
  }

  User user(int index) {
    return all.get(index);
  }

  @Nullable User of(NodeId mailbox) {
    return byMailbox.get(mailbox);
  }

  /** Draws to whom somebody writes: one of those whose contact he is. */
  int recipient(int sender, long bits) {
    int reach = Math.min(CONTACTS, all.size() - 1);
    return Math.floorMod(sender - 1 - Mix.below(bits, reach), all.size());
  }
}
