package org.bytchat.dht.store;

import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** What became of a wish to have something stored. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface StoreOutcome {

  /** What {@link RecordStore#check} returns. */
  sealed interface Checked extends StoreOutcome permits Admissible, Unchanged, Refused {}

  /** What {@link RecordStore#commit} returns. */
  sealed interface Committed extends StoreOutcome permits Stored, Unchanged, Refused {}

  /**
   * Nothing speaks against it; commit it.
   *
   * @param needsVerification whether its signature must be verified before
   */
  record Admissible(boolean needsVerification) implements Checked {}

  /**
   * It is held now.
   *
   * @param held what is held: the item, or a chunk whose end was cut to what is allowed
   * @param changes all that changed, in order, to be written to the log as one entry
   */
  record Stored(StoredItem held, List<StoreChange> changes) implements Committed {
    public Stored {
      changes = List.copyOf(changes);
    }
  }

  /**
   * The very same is held already, a chunk perhaps for longer; answer as if it were stored now. Who
   * pays for it and its age stay as they are.
   *
   * @param held what is held
   */
  record Unchanged(StoredItem held) implements Checked, Committed {}

  /**
   * It is not stored, and nothing changed.
   *
   * @param reason why
   * @param sequence the highest sequence that is known for the key, 0 if none is
   * @param held the record held for the key, null if there is none
   */
  record Refused(Refusal reason, long sequence, @Nullable MutableRecord held)
      implements Checked, Committed {}

  /** Why a holder does not store something. */
  enum Refusal {
    /** It is longer than this node stores. */
    TOO_BIG,
    /** The key is not the one that the bytes give, or a mutable record's place is not its key. */
    WRONG_KEY,
    /** It would live shorter or longer than is allowed, whatever the time is. */
    LIFETIME,
    /** It says that it was made in the future, by more than clocks may differ. */
    ISSUED_AHEAD,
    /** Its end is past. */
    EXPIRED,
    /** It is newer than what is known and would end earlier. */
    EXPIRY_FALLS,
    /** The sequence known here is not the one that the writer expected. */
    CAS_MISMATCH,
    /** A higher sequence is held or remembered. */
    SEQUENCE_TOO_OLD,
    /** Its sequence is the one held or remembered, its bytes are not. */
    SEQUENCE_CONFLICT,
    /** It alone is more than one source may have. */
    SOURCE_FULL,
    /** The node is full, and no source has more than this one with nothing but this item. */
    STORE_FULL
  }
}
