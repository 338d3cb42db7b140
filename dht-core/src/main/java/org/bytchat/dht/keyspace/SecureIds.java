package org.bytchat.dht.keyspace;

import org.apiguardian.api.API;

/**
 * Ids that follow from the address of their node, as BEP 42 demands in the Mainline DHT: the first
 * 21 bits are those of a checksum of the address and of three bits of the id, so that one address
 * can have eight places of the keyspace and no more.
 *
 * <p>Stateless, safe for use by several threads, and free of allocation where it only looks.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SecureIds {

  private static final int PREFIX_BITS = 21;

  /** The bits of the last byte that are hashed with the address. */
  private static final int CHOICE_MASK = 7;

  private static final long IPV4_MASK = 0x030f3fffL;
  private static final long IPV6_MASK = 0x0103070f1f3f7fffL;

  /** CRC32C (Castagnoli), bit-reversed as in RFC 3720, appendix B.4. */
  private static final int POLYNOMIAL = 0x82f63b78;

  private static final int[] TABLE = table();

  private SecureIds() {}

  /**
   * Tells whether a node may have an id where it is.
   *
   * @param id its id
   * @param at its address; the port does not count
   * @return whether the first 21 bits are those of the address; always, if that is {@linkplain
   *     Endpoint#isLocal() local}, since no two nodes agree on what such an address is
   */
  public static boolean isSecure(NodeId id, Endpoint at) {
    return at.isLocal()
        || ((int) (id.high() >>> 32) ^ checksum(at, id.low())) >>> (32 - PREFIX_BITS) == 0;
  }

  /**
   * Returns the id that a node should have.
   *
   * @param base random; its last three bits choose among the eight places of the address
   * @param at the node's address as others see it, local or not; the port does not count
   * @return the base with other first 21 bits
   */
  public static NodeId of(NodeId base, Endpoint at) {
    long kept = -1L >>> PREFIX_BITS;
    long prefix = (long) checksum(at, base.low()) << 32;
    return NodeId.of((prefix & ~kept) | (base.high() & kept), base.middle(), base.low());
  }

  private static int checksum(Endpoint at, int lowOfId) {
    long choice = lowOfId & CHOICE_MASK;
    return at.family() == AddressFamily.IPV4
        ? crc32c((at.addressLow() & IPV4_MASK) | choice << 29, Integer.BYTES)
        : crc32c((at.addressHigh() & IPV6_MASK) | choice << 61, Long.BYTES);
  }

  /** Hashes the last bytes of a word, the most significant first. */
  private static int crc32c(long word, int bytes) {
    int crc = -1;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      crc = crc >>> 8 ^ TABLE[(crc ^ (int) (word >>> shift)) & 0xff];
    }
    return ~crc;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
      table[i] = crc;
    }
    return table;
  }
}
