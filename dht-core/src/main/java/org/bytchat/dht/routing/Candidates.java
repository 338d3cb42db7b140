package org.bytchat.dht.routing;

import java.util.Arrays;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/** Contacts that wait for a place in their buckets, bucket after bucket, the newest one last. */
final class Candidates {

  private static final int STEP = 4;
  private static final Contact[] NO_CONTACTS = {};
  private static final byte[] NO_BYTES = {};

  private @Nullable Contact[] contacts = NO_CONTACTS;

  /** How many each bucket has. */
  private byte[] counts = NO_BYTES;

  private int size;

  /**
   * Remembers a candidate as the newest. The oldest is forgotten if there is no room; and the
   * oldest of its subnet, if that has as many candidates as it may have contacts.
   */
  void add(Contact contact, int prefix, TableRules rules) {
    int capacity = rules.config.replacementCacheSize();
    if (capacity == 0) {
      return;
    }
    remove(contact.id(), prefix);
    if (prefix >= counts.length) {
      counts = Arrays.copyOf(counts, prefix + 1);
    }
    int from = from(prefix);
    int near = -1;
    int nearCount = 0;
    for (int i = from + counts[prefix] - 1; i >= from; i--) {
      Contact other = contacts[i];
      if (other != null && rules.areNear(contact.endpoint(), other.endpoint())) {
        near = i;
        nearCount++;
      }
    }
    if (nearCount >= rules.config.subnetPerBucket()) {
      delete(near, prefix);
    } else if (counts[prefix] == capacity) {
      delete(from, prefix);
    }
    if (size == contacts.length) {
      contacts = Arrays.copyOf(contacts, size + STEP);
    }
    int at = from + counts[prefix]++;
    System.arraycopy(contacts, at, contacts, at + 1, size++ - at);
    contacts[at] = contact;
  }

  /** Takes the newest candidate of a bucket. */
  @Nullable Contact poll(int prefix) {
    if (prefix >= counts.length || counts[prefix] == 0) {
      return null;
    }
    int at = from(prefix) + counts[prefix] - 1;
    Contact newest = contacts[at];
    delete(at, prefix);
    return newest;
  }

  /** Forgets the candidate with an id. */
  void remove(NodeId id, int prefix) {
    if (prefix < counts.length && counts[prefix] > 0) {
      int from = from(prefix);
      for (int i = from; i < from + counts[prefix]; i++) {
        Contact candidate = contacts[i];
        if (candidate != null && candidate.id().equals(id)) {
          delete(i, prefix);
          return;
        }
      }
    }
  }

  private void delete(int at, int prefix) {
    System.arraycopy(contacts, at + 1, contacts, at, --size - at);
    contacts[size] = null;
    counts[prefix]--;
  }

  private int from(int prefix) {
    int from = 0;
    for (int i = 0; i < prefix; i++) {
      from += counts[i];
    }
    return from;
  }
}
