package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytchat.dht.testkit.SeededTest;
import org.junit.jupiter.api.Test;

/** The hull has what is worth its cost, and nothing else. */
class HullTest {

  @Test
  void of_someSettings_hasTheCornersOnly() {
    assertThat(hull(1, 10, 2, 9, 2, 4, 3, 3.9, 4, 1, 5, 2, 3, Double.NaN)).containsExactly(0, 2, 4);
  }

  @Test
  void of_sameCost_hasTheBest() {
    assertThat(hull(1, 5, 1, 3, 1, 4)).containsExactly(1);
  }

  @Test
  void of_settingsInALine_hasItsEnds() {
    assertThat(hull(1, 3, 2, 2, 3, 1)).containsExactly(0, 2);
  }

  @Test
  void of_nothing_isEmpty() {
    assertThat(Hull.of(List.of())).isEmpty();
  }

  /** No setting lies below the line between two corners, and none is better for less. */
  @SeededTest
  void of_randomSettings_hasAllAboveIt(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Hull.Candidate> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(new Hull.Candidate(i, random.nextInt(20), random.nextInt(20)));
    }
    List<Hull.Candidate> corners = Hull.of(all);
    for (Hull.Candidate each : all) {
      assertThat(corners.get(0).cost()).isLessThanOrEqualTo(each.cost());
      assertThat(corners.get(corners.size() - 1).loss()).isLessThanOrEqualTo(each.loss());
      for (int i = 1; i < corners.size(); i++) {
        Hull.Candidate left = corners.get(i - 1);
        Hull.Candidate right = corners.get(i);
        double share = (each.cost() - left.cost()) / (right.cost() - left.cost());
        double line = left.loss() + share * (right.loss() - left.loss());
        assertThat(each.loss()).isGreaterThanOrEqualTo(line - 1e-9);
      }
    }
  }

  private static List<Integer> hull(double... costsAndLosses) {
    List<Hull.Candidate> all = new ArrayList<>();
    for (int i = 0; i < costsAndLosses.length; i += 2) {
      all.add(new Hull.Candidate(i / 2, costsAndLosses[i], costsAndLosses[i + 1]));
    }
    return Hull.of(all).stream().map(Hull.Candidate::index).toList();
  }
}
