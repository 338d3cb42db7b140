package org.bytchat.sim.mail;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.Item;

/**
 * What a tracker that withholds keeps from other trackers: everything from some of them, and from
 * the others the same envelopes and acknowledgements each time. Some of these it does not name, and
 * the others it names and does not give.
 */
final class Withholding {

  private static final double REFUSED_PEERS = 0.5;
  private static final double WITHHELD = 0.3;

  /** Of all envelopes, those that are withheld and not even named. */
  private static final double HIDDEN = 0.1;

  private final long state;
  private final MailCounts counts;

  /**
   * Makes it.
   *
   * @param state what is drawn follows from it
   * @param counts where withheld items are counted
   */
  Withholding(long state, MailCounts counts) {
    this.state = state;
    this.counts = counts;
  }

  /** Tells whether a machine is refused whatever it asks. */
  boolean refuses(int machine) {
    return Mix.share(Mix.combine(state, machine)) < REFUSED_PEERS;
  }

  private double share(Digest digest) {
    return Mix.share(Mix.combine(~state, ByteBuffer.wrap(digest.toBytes()).getLong()));
  }

  boolean isWithheld(Digest digest) {
    return share(digest) < WITHHELD;
  }

  boolean isHidden(Digest digest) {
    return share(digest) < HIDDEN;
  }

  /** Returns what is left of an answer to another tracker. */
  Response withheld(Response response) {
    if (response instanceof Response.Compared compared) {
      return new Response.Compared(
          compared.lists(), compared.comparisons().stream().map(this::withheld).toList());
    }
    if (response instanceof Response.Pulled pulled) {
      List<Copy> copies = new ArrayList<>(pulled.copies());
      copies.removeIf(copy -> isWithheld(copy.head().digest()));
      List<AckBatch> acks = new ArrayList<>(pulled.acks());
      acks.removeIf(batch -> isWithheld(batch.digests().get(0)));
      counts.withheld += pulled.copies().size() - copies.size();
      counts.withheld += pulled.acks().size() - acks.size();
      return new Response.Pulled(copies, acks);
    }
    return response;
  }

  private Comparison withheld(Comparison comparison) {
    if (!(comparison instanceof Comparison.Items all)) {
      return comparison;
    }
    List<Item> items = new ArrayList<>(all.items());
    items.removeIf(item -> isHidden(item.digest()));
    counts.withheld += all.items().size() - items.size();
    return new Comparison.Items(items);
  }
}
