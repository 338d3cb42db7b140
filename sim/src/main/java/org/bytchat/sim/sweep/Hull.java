package org.bytchat.sim.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The settings worth their cost: the corners of the convex hull of cost and latency, from the
 * cheapest to the best (Li and others, A performance vs. cost framework for evaluating DHT design
 * tradeoffs under churn, INFOCOM 2005).
 */
final class Hull {

  private Hull() {}

  /**
   * A setting.
   *
   * @param index which one
   * @param cost less is better
   * @param loss less is better
   */
  record Candidate(int index, double cost, double loss) {}

  /**
   * Returns the corners.
   *
   * @param candidates those that have no finite cost and loss are left out
   * @return by rising cost and falling loss
   */
  static List<Candidate> of(List<Candidate> candidates) {
    List<Candidate> sorted =
        candidates.stream()
            .filter(each -> Double.isFinite(each.cost()) && Double.isFinite(each.loss()))
            .sorted(
                Comparator.comparingDouble(Candidate::cost)
                    .thenComparingDouble(Candidate::loss)
                    .thenComparingInt(Candidate::index))
            .toList();
    List<Candidate> corners = new ArrayList<>();
    for (Candidate next : sorted) {
      if (!corners.isEmpty() && next.loss() >= corners.get(corners.size() - 1).loss()) {
        continue;
      }
      while (corners.size() > 1 && !isConvex(corners, next)) {
        corners.remove(corners.size() - 1);
      }
      corners.add(next);
    }
    return corners;
  }

  /** Whether the last corner lies below the line from the one before to the next. */
  private static boolean isConvex(List<Candidate> corners, Candidate next) {
    Candidate last = corners.get(corners.size() - 1);
    Candidate before = corners.get(corners.size() - 2);
    double turn =
        (last.cost() - before.cost()) * (next.loss() - before.loss())
            - (last.loss() - before.loss()) * (next.cost() - before.cost());
    return turn > 0;
  }
}
