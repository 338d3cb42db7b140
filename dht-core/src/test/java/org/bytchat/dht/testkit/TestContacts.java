package org.bytchat.dht.testkit;

import java.math.BigInteger;
import java.util.Random;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;

/** Ids, endpoints and contacts for tests, and distances computed without the code under test. */
public final class TestContacts {

  private TestContacts() {}

  /**
   * Returns a random id.
   *
   * @param random where the bits come from
   * @return the id
   */
  public static NodeId randomId(Random random) {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  /**
   * Returns an id that shares exactly so many leading bits with another.
   *
   * @param base the other id
   * @param prefix how many bits, 0 to 159
   * @param random where the bits after the first that differs come from
   * @return the id
   */
  public static NodeId sharing(NodeId base, int prefix, Random random) {
    int below = NodeId.BITS - 1 - prefix;
    return toId(number(base).flipBit(below).xor(new BigInteger(below, random)));
  }

  /**
   * Returns the distance of two ids as a number.
   *
   * @param a an id
   * @param b another
   * @return 0 to 2^160 - 1
   */
  public static BigInteger distance(NodeId a, NodeId b) {
    return number(a).xor(number(b));
  }

  /**
   * Returns the length of the prefix that two ids share.
   *
   * @param a an id
   * @param b another
   * @return 0 to 160
   */
  public static int sharedPrefix(NodeId a, NodeId b) {
    return NodeId.BITS - distance(a, b).bitLength();
  }

  /**
   * Returns an endpoint in a /16 of its own.
   *
   * @param index which one, 0 to 50,000
   * @return a public IPv4 endpoint
   */
  public static Endpoint endpoint(int index) {
    return endpoint(11 + index / 256 % 80, index % 256, 1, 1, 4000 + index / 20_480);
  }

  /**
   * Returns an IPv4 endpoint.
   *
   * @param a the first byte of the address
   * @param b the second
   * @param c the third
   * @param d the fourth
   * @param port the port
   * @return the endpoint
   */
  public static Endpoint endpoint(int a, int b, int c, int d, int port) {
    return Endpoint.ofIpv4(a << 24 | b << 16 | c << 8 | d, port);
  }

  /**
   * Returns a contact without services.
   *
   * @param id its id
   * @param endpoint its endpoint
   * @return the contact
   */
  public static Contact contact(NodeId id, Endpoint endpoint) {
    return Contact.of(id, endpoint, 0);
  }

  private static BigInteger number(NodeId id) {
    return new BigInteger(1, id.toBytes());
  }

  private static NodeId toId(BigInteger number) {
    byte[] magnitude = number.toByteArray();
    byte[] bytes = new byte[NodeId.BYTES];
    int length = Math.min(magnitude.length, bytes.length);
    System.arraycopy(magnitude, magnitude.length - length, bytes, bytes.length - length, length);
    return NodeId.of(bytes);
  }
}
