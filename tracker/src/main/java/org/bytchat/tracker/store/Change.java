package org.bytchat.tracker.store;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;

/** A change to one mailbox. A mailbox begins with the first one. */
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
   * one behind it. An entry of that digest is replaced.
   *
   * @param mailbox whose
   * @param entry what is known of it
   * @param envelope its bytes
   */
  record PutEnvelope(NodeId mailbox, StoredMailbox.Entry entry, byte[] envelope)
      implements Change {}

  /**
   * An envelope was accepted and deleted elsewhere: it is remembered, never having been held. As
   * {@link PutEnvelope} otherwise.
   *
   * @param mailbox whose
   * @param entry what is known of it, with the time of its deletion
   */
  record PutTombstone(NodeId mailbox, StoredMailbox.Entry entry) implements Change {}

  /**
   * A device has acknowledged entries. Of those that it had acknowledged before, nothing changes.
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
   * An envelope is deleted; the entry and its acknowledgements stay.
   *
   * @param mailbox whose
   * @param digest which
   * @param deletedMillis when, by the tracker's clock; not 0
   */
  record Delete(NodeId mailbox, Digest digest, long deletedMillis) implements Change {}

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
}
