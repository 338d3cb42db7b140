package org.bytchat.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files of the repository, with or without git: what is built or hidden is left out. */
record RepositoryTree(Path root, List<String> files) {

  private static final Set<String> SKIPPED = Set.of(".git", "target", ".idea", ".cifuzz-corpus");

  /** Finds the root above the working directory and lists its files, sorted, with slashes. */
  static RepositoryTree find() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("dht-core"))) {
      root = root.getParent();
      if (root == null) {
        throw new IllegalStateException("no dht-core above " + Path.of("").toAbsolutePath());
      }
    }
    return new RepositoryTree(root, list(root));
  }

  private static List<String> list(Path root) {
    Set<String> files = new TreeSet<>();
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return SKIPPED.contains(String.valueOf(folder.getFileName()))
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.add(root.relativize(file).toString().replace('\\', '/'));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(files);
  }

  /** Paths of the files whose names end so. */
  Stream<String> files(String suffix) {
    return files.stream().filter(file -> file.endsWith(suffix));
  }

  /** Names of what lies directly in the root. */
  Set<String> topLevel() {
    try (Stream<Path> entries = Files.list(root)) {
      Set<String> names = new TreeSet<>();
      entries.map(entry -> entry.getFileName().toString()).forEach(names::add);
      names.remove("target");
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a file. */
  String read(String file) {
    try {
      return Files.readString(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  /** Whether a path, relative to the root and possibly with dots, is a file or folder. */
  boolean exists(String path) {
    Path resolved = root.resolve(path).normalize();
    return resolved.startsWith(root) && Files.exists(resolved);
  }
}
