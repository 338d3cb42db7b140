package org.bytchat.dht.lookup;

import org.bytchat.dht.keyspace.Contact;

/** What a lookup wants next. */
public sealed interface LookupStep {

  /** Nothing can be asked before an answer or a failure arrives. */
  LookupStep WAIT = new Wait();

  /** The lookup has ended. */
  LookupStep DONE = new Done();

  /**
   * Ask a contact; it counts as asked from now on.
   *
   * @param contact whom to ask
   */
  record Ask(Contact contact) implements LookupStep {}

  /** See {@link #WAIT}. */
  record Wait() implements LookupStep {}

  /** See {@link #DONE}. */
  record Done() implements LookupStep {}
}
