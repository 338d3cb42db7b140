package org.bytchat.dht.keyspace;

import org.apiguardian.api.API;

/**
 * Turns a contact read from the wire into the instance to keep.
 *
 * <p>The identity in production; a simulator of a million nodes in one heap returns its one shared
 * instance instead. Called on the thread that decodes.
 */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface ContactInterner {

  /** Keeps what was read. */
  ContactInterner NONE = contact -> contact;

  /**
   * Returns the instance to keep.
   *
   * @param contact a contact just read
   * @return an equal contact
   */
  Contact intern(Contact contact);
}
