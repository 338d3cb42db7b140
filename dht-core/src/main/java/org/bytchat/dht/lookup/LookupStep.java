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
   * @param isAround whether to ask whom it knows around its own id, and not around the target
   */
  record Ask(Contact contact, boolean isAround) implements LookupStep {}

  /**
   * Have a contact prove its id; it counts as asked from now on.
   *
   * @param contact who is to prove it
   */
  record Prove(Contact contact) implements LookupStep {}

  /** See {@link #WAIT}. */
  record Wait() implements LookupStep {}

  /** See {@link #DONE}. */
  record Done() implements LookupStep {}

  /** What came of a request for a proof, if it was answered. */
  enum Proof {
    /** The id is the contact's. */
    GOOD,
    /** The same, as the asker knew without asking. */
    KNOWN,
    /** It is not. */
    BAD,
    /** The contact, or the asker, had no time for it. */
    NONE
  }
}
