package org.bytchat.sim.sweep;

import java.util.Map;
import org.bytchat.sim.scenario.Scenario;

/**
 * One setting of all that varies, to be run with each seed.
 *
 * @param number from 1
 * @param settings what varies and its value as the file has it, in the order of the file
 * @param scenario what is run, with any seed
 */
record Point(int number, Map<String, String> settings, Scenario scenario) {

  /** Returns the settings as people read them. */
  String label() {
    return settings.isEmpty() ? "as is" : settings.toString().replaceAll("^\\{|}$", "");
  }
}
