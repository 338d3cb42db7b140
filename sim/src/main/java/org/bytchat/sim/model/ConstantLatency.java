package org.bytchat.sim.model;

/**
 * The same latency for all pairs.
 *
 * @param oneWayMicros microseconds one way, from the floor to 60,000,000
 * @param floorMicros the floor, in microseconds
 */
public record ConstantLatency(long oneWayMicros, long floorMicros) implements LatencyModel {

  public ConstantLatency {
    LatencyModel.checkFloor(floorMicros);
    // Raising it to the floor would model something else than was asked for.
    Checked.range(
        "constant latency in microseconds", oneWayMicros, floorMicros, LATENCY_MAX_MICROS);
  }

  @Override
  public long oneWayMicros(int from, int to) {
    return oneWayMicros;
  }

  @Override
  public long minMicros() {
    return oneWayMicros;
  }

  @Override
  public String describe() {
    return "constant, " + Units.text(oneWayMicros) + " one way";
  }

  @Override
  public String citation() {
    return "an idealization, no measurement";
  }
}
