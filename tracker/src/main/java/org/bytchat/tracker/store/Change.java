package org.bytchat.tracker.store;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.jspecify.annotations.Nullable;

/**
 * A change to one mailbox. A mailbox begins with the first one that puts an envelope, a tombstone,
 * a part or a confirmation, and ends with {@link End}.
 *
 * <p>Changes to what is not there (any more) change nothing: an acknowledgement, deletion or end of
 * an entry that the mailbox does not have. So a change that is made again does no harm, except that
 * a sequence rises only. Arrays are not copied; nobody changes them afterwards.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Change {

  /**
   * Returns whose change it is.
   *
   * @return the mailbox's key
   */
  NodeId mailbox();

  /**
   * An envelope was accepted. Its sequence is at least the mailbox's next one, which becomes the
   * one behind it. An entry of that digest is replaced; the acknowledgements of it stay.
   *
   * @param mailbox whose
   * @param entry what is known of it, without a time of deletion
   * @param envelope its bytes, of which the entry's digest is the SHA-256: that is not checked here
   *     but when they are read
   * @param origin what let it in and where; kept as long as the envelope. Null if that is not
   *     known, as before version 2: then others cannot be given it
   */
  record PutEnvelope(
      NodeId mailbox, StoredMailbox.Entry entry, byte[] envelope, @Nullable Origin origin)
      implements Change {

    public PutEnvelope {
      requireSequence(entry);
      if (entry.isDeleted()) {
        throw new IllegalArgumentException("an envelope that is held was not deleted");
      }
      if (entry.sizeBytes() != envelope.length) {
        throw new IllegalArgumentException(
            "the envelope has " + envelope.length + " bytes, its entry " + entry.sizeBytes());
      }
    }
  }

  /**
   * An envelope was accepted and deleted elsewhere: it is remembered, never having been held. As
   * {@link PutEnvelope} otherwise.
   *
   * @param mailbox whose
   * @param entry what is known of it, with the time of its deletion
   */
  record PutTombstone(NodeId mailbox, StoredMailbox.Entry entry) implements Change {

    public PutTombstone {
      requireSequence(entry);
      if (!entry.isDeleted()) {
        throw new IllegalArgumentException("a tombstone has a time of deletion");
      }
    }
  }

  /**
   * A device has acknowledged entries. Of those that it had acknowledged before, and of those that
   * the mailbox does not have, nothing changes; if that is all, the batch is not kept.
   *
   * @param mailbox whose
   * @param device which
   * @param batch all that it signed, as carried; kept while one of the entries is
   * @param digests the entries that it is the first acknowledgement by that device for
   * @param atMillis when, by the tracker's clock
   */
  record PutAcks(NodeId mailbox, DeviceId device, byte[] batch, List<Digest> digests, long atMillis)
      implements Change {

    public PutAcks {
      digests = List.copyOf(digests);
    }
  }

  /**
   * An envelope is deleted; the entry and its acknowledgements stay. Of one that was deleted before
   * nothing changes, nor does the time.
   *
   * @param mailbox whose
   * @param digest which
   * @param deletedMillis when, by the tracker's clock; not 0
   */
  record Delete(NodeId mailbox, Digest digest, long deletedMillis) implements Change {

    public Delete {
      if (deletedMillis == 0) {
        throw new IllegalArgumentException("a deletion has a time");
      }
    }
  }

  /**
   * An entry ends, held or not, with its acknowledgements.
   *
   * @param mailbox whose
   * @param digest which
   */
  record Forget(NodeId mailbox, Digest digest) implements Change {}

  /**
   * A part has a newer form.
   *
   * @param mailbox whose
   * @param part which
   * @param bytes as carried
   */
  record PutPart(NodeId mailbox, StoredMailbox.Part part, byte[] bytes) implements Change {}

  /**
   * A version of the device list was confirmed; replaces what is kept of that version.
   *
   * @param mailbox whose
   * @param confirmation what was confirmed
   */
  record PutConfirmation(NodeId mailbox, StoredMailbox.Confirmation confirmation)
      implements Change {}

  /**
   * Somebody used a mailbox. One that is not there does not begin by it. An envelope or tombstone
   * that is put raises that time to the entry's acceptance besides.
   *
   * @param mailbox which
   * @param atMillis when, by the tracker's clock; replaces the time before, also if that was later
   */
  record Touch(NodeId mailbox, long atMillis) implements Change {}

  /**
   * A mailbox ends, with all that is kept of it; what comes later begins a new one, whose sequence
   * begins anew. One that has an entry, held or not, stays as it is.
   *
   * @param mailbox which
   */
  record End(NodeId mailbox) implements Change {}

  private static void requireSequence(StoredMailbox.Entry entry) {
    if (entry.sequence() < 1 || entry.sequence() == Long.MAX_VALUE) {
      throw new IllegalArgumentException("no sequence: " + entry.sequence());
    }
  }
}
