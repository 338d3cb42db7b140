package org.bytchat.sim.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytchat.sim.theory.Experiment;
import org.bytchat.sim.theory.Trial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTrialsTest {

  /** No bucket size is part of it, so that the command's own test has it nowhere. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void survival_ofManyNodes_isAsTheFormulaSays(boolean quick) {
    List<Trial> trials =
        new NodeTrials(quick, null)
            .trials().stream().filter(trial -> trial.name().equals("replica survival")).toList();
    assertThat(trials).hasSize(1);

    List<Experiment> experiments = trials.get(0).work().get();

    assertThat(experiments).hasSize(8);
    for (Experiment each : experiments) {
      assertThat(each.n()).as("nodes that are up").isGreaterThan(20_000);
      assertThat(each.measured()).isBetween(0.0, 1.0);
      assertThat(each.ok()).as(each.json()).isTrue();
    }
  }
}
