package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.report.RunFolder;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.scenario.Scenarios;

/**
 * A run that failed, as a file: everything that happens in it, and what was found. It needs neither
 * the seed's drawing nor the planner, so it stays good when those change.
 *
 * @param program which version of the program wrote it
 * @param plan what happens; its scenario has no faults and no workload, as the plan has them
 * @param trial what came of it
 */
public record Capsule(String program, Plan plan, Trial trial) {

  /** The version of the format; another one cannot be read. */
  public static final int FORMAT = 1;

  /**
   * Makes a capsule.
   *
   * @param program the version of this program
   * @param plan what happened
   * @param trial what came of it
   * @return the capsule
   */
  public static Capsule of(String program, Plan plan, Trial trial) {
    return new Capsule(program, bare(plan), trial);
  }

  /** Takes out of the scenario what was planned already. */
  private static Plan bare(Plan plan) {
    Map<String, Object> map = plan.scenario().toMap();
    map.put("faults", List.of());
    map.put("workload", Map.of());
    if (map.get("bootstrap") instanceof Map<?, ?> bootstrap) {
      map.put("bootstrap", Map.of("kind", bootstrap.get("kind"), "nodes", bootstrap.get("nodes")));
    }
    return Plans.in(plan, Scenarios.of(plan.scenario().name(), map, List.of()));
  }

  /**
   * Returns the seed that it came from.
   *
   * @return the scenario's seed
   */
  public long seed() {
    return plan.scenario().seed();
  }

  /**
   * Reads a capsule.
   *
   * @param file where it is
   * @return the capsule
   * @throws CapsuleException if the file is no capsule, a damaged one, or one of another format
   * @throws IOException if the file cannot be read
   */
  public static Capsule read(Path file) throws CapsuleException, IOException {
    return CapsuleFile.read(file);
  }

  /**
   * Writes the capsule.
   *
   * @param folder where to; it is made if it is not there
   * @param suffix what stands between the seed and the ending, perhaps nothing
   * @return the file
   * @throws IOException if it cannot be written
   */
  public Path write(Path folder, String suffix) throws IOException {
    String name = "capsule-" + seed() + suffix + ".json";
    RunFolder.open(folder).write(name, CapsuleFile.text(this));
    return folder.resolve(name);
  }
}
