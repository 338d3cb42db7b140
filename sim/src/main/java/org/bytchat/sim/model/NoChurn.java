package org.bytchat.sim.model;

import java.util.List;

/** All nodes are up all the time. */
public record NoChurn() implements ChurnModel {

  private static final List<Life> ALWAYS = List.of(new Life(0, Life.NEVER));

  @Override
  public double availability() {
    return 1;
  }

  @Override
  public List<Life> lives(long seed, int node, long untilMicros) {
    Checked.range("until in microseconds", untilMicros, 0, UNTIL_MAX_MICROS);
    return untilMicros == 0 ? List.of() : ALWAYS;
  }

  @Override
  public String describe() {
    return "none";
  }

  @Override
  public String citation() {
    return "an idealization, no measurement";
  }
}
