package org.bytchat.dht.keyspace;

import java.util.Objects;
import org.apiguardian.api.API;

/**
 * A node as others know it: its id, its one endpoint, and the service bits it is said to offer.
 *
 * <p>Immutable and shareable. What changes about a contact (last seen, round-trip time, failures)
 * lives in the routing table. Equality is that of id and endpoint; services are a hint.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Contact {

  private final NodeId id;
  private final Endpoint endpoint;
  private final byte services;

  private Contact(NodeId id, Endpoint endpoint, int services) {
    this.id = id;
    this.endpoint = endpoint;
    this.services = (byte) services;
  }

  /**
   * Makes a contact.
   *
   * @param id the node's id
   * @param endpoint where it is reached
   * @param services service bits, 0 to 255
   * @return the contact
   * @throws IllegalArgumentException if the service bits are out of range
   */
  public static Contact of(NodeId id, Endpoint endpoint, int services) {
    if (services < 0 || services > 0xff) {
      throw new IllegalArgumentException("service bits must be in 0..255: " + services);
    }
    return new Contact(id, endpoint, services);
  }

  /**
   * Returns the node's id.
   *
   * @return the id
   */
  public NodeId id() {
    return id;
  }

  /**
   * Returns where the node is reached.
   *
   * @return the endpoint
   */
  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Returns the services that the node is said to offer.
   *
   * @return 0 to 255
   */
  public int services() {
    return services & 0xff;
  }

  /**
   * Tells whether all the services of a mask are offered.
   *
   * @param mask service bits
   * @return whether each bit of the mask is set here
   */
  public boolean offers(int mask) {
    return (services & mask) == mask;
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof Contact that && id.equals(that.id) && endpoint.equals(that.endpoint));
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, endpoint);
  }

  @Override
  public String toString() {
    return id + "@" + endpoint;
  }
}
