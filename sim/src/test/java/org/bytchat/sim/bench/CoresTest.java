package org.bytchat.sim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads what taskset prints of cores. */
class CoresTest {

  @Test
  void parse_singlesAndRanges_givesEach() {
    assertThat(Cores.parse(" 0,2-4,7")).containsExactly(0, 2, 3, 4, 7);
    assertThat(Cores.parse("5")).containsExactly(5);
    assertThat(Cores.parse("")).isEmpty();
  }

  @Test
  void prefix_ofNoCores_isNoCommand() {
    assertThat(Cores.prefix(List.of())).isEmpty();
    assertThat(Cores.prefix(List.of(0, 3))).containsExactly("taskset", "-c", "0,3");
  }
}
