package org.bytchat.dht.engine;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * The scratch memory of all engines that one thread drives: what they need only while they handle
 * one thing. Belongs to a driver. Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Workspace {

  /** For the datagram that came in. */
  final Packet inbound = new Packet();

  /** For the message that goes out. */
  final Packet outbound = new Packet();

  /** For tokens and challenges. */
  final SipHash hash = new SipHash();

  /** Numbers that tell the endpoints of an answer apart, mostly. */
  final long[] endpointKeys = new long[WireLimits.CONTACTS_MAX + 1];

  /** For searches of a table. */
  final ClosestSearch search = new ClosestSearch(WireLimits.CONTACTS_MAX);

  /** Gives the instance to keep of a contact that an engine made. */
  final ContactInterner interner;

  /** Makes a workspace for engines that keep the contacts that they make. */
  public Workspace() {
    this(ContactInterner.NONE);
  }

  /**
   * Makes a workspace.
   *
   * @param interner gives the instance to keep of each contact that an engine makes of a packet and
   *     where it came from; one that knows the contact may return it with other service bits
   */
  public Workspace(ContactInterner interner) {
    this.interner = interner;
  }

  /**
   * Returns the packet that a driver decodes into before it calls {@link NodeEngine#handlePacket}.
   *
   * @return the packet for what came in
   */
  public Packet inbound() {
    return inbound;
  }
}
