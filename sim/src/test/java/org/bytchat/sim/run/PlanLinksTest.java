package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: the network fails as planned, only then, and is never faster than its floor. */
class PlanLinksTest {

  private static final int NODES = 30;

  private static PlanLinks links(PlannedFault... faults) throws IOException {
    Plan plan = Runs.with(Runs.plan(Runs.PLAIN), faults);
    return new PlanLinks(plan, Models.of(plan.scenario()));
  }

  private static boolean isOpen(PlanLinks links, int from, int to, long at) {
    return links.copies(from, to, 1, at) > 0;
  }

  @Test
  void copies_noFault_isOne() throws IOException {
    assertThat(links().copies(0, 1, 5, 100)).isEqualTo(1);
  }

  @Test
  void copies_cut_separatesTwoSidesInItsTime() throws IOException {
    PlanLinks links = links(new PlannedFault.Cut(100, 200, 9, 0.3, 2, false));
    int cut = 0;
    for (int from = 0; from < NODES; from++) {
      for (int to = 0; to < NODES; to++) {
        assertThat(isOpen(links, from, to, 99) && isOpen(links, from, to, 200)).isTrue();
        assertThat(isOpen(links, from, to, 100)).isEqualTo(isOpen(links, to, from, 199));
        cut += isOpen(links, from, to, 100) ? 0 : 1;
      }
      assertThat(isOpen(links, from, from, 150)).isTrue();
    }
    // Two sides of a and b nodes are 2ab ways.
    assertThat(cut).isBetween(2 * 2 * (NODES - 2), 2 * (NODES / 2) * (NODES / 2));
  }

  @Test
  void copies_oneWayCut_letsTheOthersThrough() throws IOException {
    PlannedFault.Cut both = new PlannedFault.Cut(100, 200, 9, 0.3, 2, false);
    PlanLinks twoWays = links(both);
    PlanLinks oneWay = links(new PlannedFault.Cut(100, 200, 9, 0.3, 2, true));
    int open = 0;
    for (int from = 0; from < NODES; from++) {
      for (int to = 0; to < NODES; to++) {
        boolean isBetween = !isOpen(twoWays, from, to, 150);
        boolean there = isOpen(oneWay, from, to, 150);
        boolean back = isOpen(oneWay, to, from, 150);
        assertThat(there && back).isEqualTo(!isBetween);
        assertThat(there || back).isTrue();
        open += isBetween && there ? 1 : 0;
      }
    }
    assertThat(open).isPositive();
  }

  @Test
  void copies_groups_areAllApart() throws IOException {
    PlanLinks links = links(new PlannedFault.Cut(0, 10, 4, 0, 3, false));
    int[] group = new int[NODES];
    int groups = 0;
    for (int node = 0; node < NODES; node++) {
      int same = -1;
      for (int other = 0; other < node && same < 0; other++) {
        same = isOpen(links, other, node, 5) ? other : -1;
      }
      group[node] = same < 0 ? groups++ : group[same];
    }
    assertThat(groups).isEqualTo(3);
    for (int from = 0; from < NODES; from++) {
      for (int to = 0; to < NODES; to++) {
        assertThat(isOpen(links, from, to, 5)).isEqualTo(group[from] == group[to]);
      }
    }
  }

  @Test
  void copies_isolation_stopsAllToAndFrom() throws IOException {
    PlanLinks links = links(new PlannedFault.Isolation(100, 200, List.of(3, 7)));
    assertThat(isOpen(links, 3, 1, 100)).isFalse();
    assertThat(isOpen(links, 1, 7, 199)).isFalse();
    assertThat(isOpen(links, 1, 2, 150)).isTrue();
    assertThat(isOpen(links, 3, 1, 99) && isOpen(links, 3, 1, 200)).isTrue();
  }

  @Test
  void copies_losses_areTheirShareInTheirTime() throws IOException {
    PlanLinks links = links(new PlannedFault.Losses(100, 200, 77, 0.25));
    int lost = 0;
    for (int number = 0; number < 10_000; number++) {
      lost += links.copies(1, 2, number, 150) == 0 ? 1 : 0;
      assertThat(links.copies(1, 2, number, 99)).isEqualTo(1);
      assertThat(links.copies(1, 2, number, 200)).isEqualTo(1);
    }
    assertThat(lost).isBetween(2_250, 2_750);
  }

  @Test
  void copies_twoFaults_workEachForItself() throws IOException {
    PlannedFault first = new PlannedFault.Losses(100, 200, 77, 0.25);
    PlannedFault second = new PlannedFault.Losses(150, 300, 78, 0.25);
    PlanLinks one = links(first);
    PlanLinks other = links(second);
    PlanLinks both = links(first, second);
    for (int number = 0; number < 500; number++) {
      int expected = one.copies(1, 2, number, 160) * other.copies(1, 2, number, 160);
      assertThat(both.copies(1, 2, number, 160)).isEqualTo(expected);
    }
  }

  @SeededTest
  void delayMicros_anyModel_neverUndercutsTheFloor(long seed) throws IOException {
    Random random = Seeds.random(seed);
    Plan plan =
        Runs.plan(
            Runs.PLAIN,
            "seed=" + seed,
            "network.floor=" + (1 + random.nextInt(40)) + "ms",
            "network.jitter=" + random.nextInt(101) / 100.0,
            "network.duplication=0.5",
            "network.reordering.share=0.5",
            "network.latency={model: " + (random.nextBoolean() ? "log_normal" : "regions") + "}");
    PlanLinks links = new PlanLinks(plan, Models.of(plan.scenario()));
    assertThat(links.floorMicros())
        .isGreaterThanOrEqualTo(Plan.micros(plan.scenario().network().floor()));
    for (int i = 0; i < 5_000; i++) {
      int from = random.nextInt(1_000);
      int to = random.nextInt(1_000);
      assertThat(links.delayMicros(from, to, i, i % 2)).isGreaterThanOrEqualTo(links.floorMicros());
    }
  }

  @Test
  void lineMicros_ofALine_countsHeadersToo() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "network.bandwidth={up: 8000, down: 80000, queue: 2000}");
    PlanLinks links = new PlanLinks(plan, Models.of(plan.scenario()));
    assertThat(links.lineMicros(0, 72, true)).isEqualTo(100_000);
    assertThat(links.lineMicros(0, 72, false)).isEqualTo(10_000);
    assertThat(links.queueMicros(0, true)).isEqualTo(2_000_000);
    assertThat(links.queueMicros(0, false)).isEqualTo(200_000);
    assertThat(links().lineMicros(0, 1_000, true)).isZero();
  }
}
