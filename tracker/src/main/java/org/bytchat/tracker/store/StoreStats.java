package org.bytchat.tracker.store;

import org.apiguardian.api.API;

/**
 * What a store keeps.
 *
 * @param mailboxes how many mailboxes
 * @param envelopes how many envelopes
 * @param envelopeBytes the bytes of these
 * @param tombstones how many envelopes were deleted and are remembered
 * @param ackBatches how many batches of acknowledgements
 * @param fileBytes what it takes on disk, the write-ahead log included, 0 in memory
 */
@API(status = API.Status.EXPERIMENTAL)
public record StoreStats(
    long mailboxes,
    long envelopes,
    long envelopeBytes,
    long tombstones,
    long ackBatches,
    long fileBytes) {}
