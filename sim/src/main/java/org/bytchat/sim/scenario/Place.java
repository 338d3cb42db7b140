package org.bytchat.sim.scenario;

import org.jspecify.annotations.Nullable;

/**
 * A part of a scenario, for messages.
 *
 * @param at the file and the line, or the option
 * @param path its key and those above it, joined with dots; empty for the whole
 */
record Place(String at, String path) {

  Place child(String key, String where) {
    return new Place(where, path.isEmpty() ? key : path + "." + key);
  }

  ScenarioException failure(String what) {
    return failure(what, null);
  }

  ScenarioException failure(String what, @Nullable Throwable cause) {
    return new ScenarioException(at + ": " + (path.isEmpty() ? "" : path + ": ") + what, cause);
  }
}
