package org.bytchat.tracker.client;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** Has the private halves of delivery keys, which the client never keeps. */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface DeliverySigner {

  /** Has no key: only parcels of strangers can be sent. */
  DeliverySigner NONE = (publicKey, statement) -> null;

  /**
   * Signs. Called from several threads.
   *
   * @param publicKey the public half of a delivery key, 32 bytes
   * @param statement what to sign
   * @return the signature, 64 bytes; null if the key is not at hand
   */
  byte @Nullable [] sign(byte[] publicKey, byte[] statement);
}
