package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/** The sizes that the protocol fixes, in bytes unless a name says otherwise. */
@API(status = API.Status.EXPERIMENTAL)
public final class WireLimits {

  /** The longest datagram that is sent or read: no path fragments it. */
  public static final int DATAGRAM_BYTES = 1200;

  /** The shortest datagram that can be a message; anything shorter is dropped unread. */
  public static final int DATAGRAM_BYTES_MIN = 40;

  /** The longest datagram that is read in Mainline's dialect, whose nodes send up to a frame. */
  public static final int MAINLINE_DATAGRAM_BYTES = 1500;

  /** The shortest message of Mainline's dialect is an error of 26 bytes. */
  public static final int MAINLINE_DATAGRAM_BYTES_MIN = 20;

  /** The longest answer in Mainline's dialect, so that an item of full length fits. */
  public static final int MAINLINE_ANSWER_BYTES = 1400;

  /** How many times its request's payload an answer may be while the source is unverified. */
  public static final int AMPLIFICATION_FACTOR = 3;

  /**
   * What an asker without a token pads a query over IPv4 to, so that 20 contacts fit the factor.
   */
  public static final int QUERY_PADDED_BYTES_IPV4 = 220;

  /** The same for queries that want IPv6 contacts, which are longer. */
  public static final int QUERY_PADDED_BYTES_IPV6 = 300;

  /**
   * What a ping with a challenge is padded to: the proof fits three times that, also beside a
   * verifying ping in the other direction, over IPv6 too.
   */
  public static final int CHALLENGE_PADDED_BYTES = 120;

  /** The length of a proof challenge. */
  public static final int CHALLENGE_BYTES = 16;

  /** The length of the tokens that this implementation issues. */
  public static final int TOKEN_BYTES = 8;

  /** The longest token of another implementation that is carried back. */
  public static final int TOKEN_BYTES_MAX = 32;

  /** The length of an Ed25519 public key. */
  public static final int PUBLIC_KEY_BYTES = 32;

  /** The length of an Ed25519 signature. */
  public static final int SIGNATURE_BYTES = 64;

  /** The longest record that is carried. */
  public static final int RECORD_BYTES_MAX = 1000;

  /** The longest text of an error. */
  public static final int ERROR_TEXT_BYTES_MAX = 128;

  /** The most contacts of one family that one datagram can hold. */
  public static final int CONTACTS_MAX = 44;

  /** The longest salt of a mutable item (BEP 44). */
  public static final int SALT_BYTES_MAX = 64;

  /** The most peers that are read from one answer, or given in one. */
  public static final int PEERS_MAX = 100;

  private WireLimits() {}
}
