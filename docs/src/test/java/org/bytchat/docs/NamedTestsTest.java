package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tests that documents name as evidence exist. */
class NamedTestsTest {

  /** A class name in code style; the patterns of names in testing.md begin with a lone X. */
  private static final Pattern NAMED =
      Pattern.compile("`(?:[a-z.]+\\.)?([A-Z][a-z]\\w*(?:Test|IT))`");

  private static final RepositoryTree TREE = RepositoryTree.find();

  @Test
  void documents_nameTestsThatExist() {
    Set<String> existing =
        TREE.files(".java")
            .map(file -> file.substring(file.lastIndexOf('/') + 1).replace(".java", ""))
            .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    TREE.files(".md")
        .flatMap(file -> NAMED.matcher(TREE.read(file)).results())
        .map((MatchResult match) -> match.group(1))
        .forEach(named::add);
    assertThat(named).hasSizeGreaterThan(10);
    assertThat(existing).containsAll(named);
  }
}
