package org.bytchat.sim.sweep;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Which program this is, so that results of another one are not taken for its own. */
final class Program {

  private static final String DEVELOPMENT = "development";
  private static final String SNAPSHOT = "-SNAPSHOT";
  private static final int HASH_DIGITS = 16;

  private Program() {}

  /** Returns the version; where many programs have it, also what tells them apart. */
  static String version() {
    String version = Program.class.getPackage().getImplementationVersion();
    if (version == null) {
      return DEVELOPMENT;
    }
    return version.endsWith(SNAPSHOT) ? version + " " + hash() : version;
  }

  private static String hash() {
    CodeSource source = Program.class.getProtectionDomain().getCodeSource();
    try {
      Path jar = source == null ? null : Path.of(source.getLocation().toURI());
      if (jar == null || !Files.isRegularFile(jar)) {
        return DEVELOPMENT;
      }
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
      return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
    } catch (IOException | URISyntaxException e) {
      return DEVELOPMENT;
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    }
  }
}
