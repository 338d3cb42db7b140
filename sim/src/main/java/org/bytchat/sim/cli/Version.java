package org.bytchat.sim.cli;

import picocli.CommandLine;

/** The version of this program, from the manifest of its jar. */
final class Version implements CommandLine.IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"bytchat-sim " + (version == null ? "development" : version)};
  }
}
