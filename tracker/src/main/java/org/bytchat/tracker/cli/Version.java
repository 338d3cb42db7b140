package org.bytchat.tracker.cli;

import picocli.CommandLine;

/** The version of this program, from the manifest of its jar. */
final class Version implements CommandLine.IVersionProvider {

  /** Returns the version, or {@code development} outside a jar. */
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"bytchat-node " + text()};
  }
}
