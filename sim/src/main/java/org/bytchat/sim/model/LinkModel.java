package org.bytchat.sim.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What happens to datagrams between any two nodes besides the base latency.
 *
 * @param loss share of datagrams that never arrive, 0 to 1
 * @param duplication share of those arriving that arrive twice, each copy with a delay of its own,
 *     0 to 1
 * @param jitter how far the delay of a datagram is from the pair's latency, up or down, as a share
 *     of that latency; uniform, 0 to 1
 * @param reordering share of datagrams that are held back, so that later ones overtake them, 0 to 1
 * @param reorderingDelayMicros for how long at most they are held back, uniform from 1; 1 to
 *     60,000,000 microseconds
 */
public record LinkModel(
    double loss, double duplication, double jitter, double reordering, long reorderingDelayMicros)
    implements Model {

  /** How long datagrams are held back where nothing else is said: 50 ms. */
  public static final long REORDERING_DELAY_DEFAULT_MICROS = 50_000;

  public LinkModel {
    Checked.share("loss", loss);
    Checked.share("duplication", duplication);
    Checked.share("jitter", jitter);
    Checked.share("reordering", reordering);
    Checked.range("reordering delay in microseconds", reorderingDelayMicros, 1, 60_000_000);
  }

  /**
   * Returns links on which each datagram arrives once, after just the pair's latency.
   *
   * @return the model
   */
  public static LinkModel perfect() {
    return new LinkModel(0, 0, 0, 0, REORDERING_DELAY_DEFAULT_MICROS);
  }

  @Override
  public String describe() {
    List<String> parts = new ArrayList<>();
    add(parts, loss, " lost");
    add(parts, duplication, " duplicated");
    add(parts, jitter, " jitter");
    add(parts, reordering, " held back up to " + Units.text(reorderingDelayMicros));
    return parts.isEmpty() ? "perfect links" : String.join(", ", parts);
  }

  private static void add(List<String> parts, double share, String what) {
    if (share > 0) {
      parts.add(Units.number(100 * share) + " %" + what);
    }
  }

  @Override
  public String citation() {
    return "an assumption: independent datagrams, uniform jitter";
  }
}
