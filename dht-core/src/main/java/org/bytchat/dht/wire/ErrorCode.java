package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/** The error codes of the protocol; those below 300 that BEP 5 and BEP 44 define mean the same. */
@API(status = API.Status.EXPERIMENTAL)
public final class ErrorCode {

  /** Something that no other code names. */
  public static final int GENERIC = 201;

  /** The node has no capacity left for this now; ask another one, or later. */
  public static final int BUSY = 202;

  /** The query is well-formed MessagePack, but its arguments are missing or wrong. */
  public static final int PROTOCOL = 203;

  /** The method is unknown, or not offered by this node. */
  public static final int METHOD_UNKNOWN = 204;

  /** The value is longer than a record may be. */
  public static final int TOO_BIG = 205;

  /** The signature does not verify. */
  public static final int BAD_SIGNATURE = 206;

  /** The salt is longer than BEP 44 allows; Mainline's only. */
  public static final int SALT_TOO_BIG = 207;

  /** The token is not one that this node gave to this endpoint for this key, or it is too old. */
  public static final int BAD_TOKEN = 208;

  /** The source, or the node, has no storage left. */
  public static final int QUOTA = 209;

  /** Issue or expiry time are out of the allowed range. */
  public static final int BAD_TIME = 210;

  /** The record does not belong at this key. */
  public static final int WRONG_KEY = 211;

  /** The held sequence is not the one that the writer expected. */
  public static final int CAS_MISMATCH = 301;

  /** The sequence is lower than the one held or remembered. */
  public static final int SEQUENCE_TOO_OLD = 302;

  /** The sequence is the one held, the bytes are not; the held record comes with the error. */
  public static final int SEQUENCE_CONFLICT = 303;

  private ErrorCode() {}
}
