package org.bytchat.sim.cli;

import picocli.CommandLine;

/** The version of this program, from the manifest of its jar. */
final class Version implements CommandLine.IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {name()};
  }

  /** Returns the program's name with its version. */
  static String name() {
    String version = Version.class.getPackage().getImplementationVersion();
    return "bytchat-sim " + (version == null ? "development" : version);
  }
}
