package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The style of the whole repository, as a test. Lists of exceptions only ever shrink. */
class StyleTest {

  private static final Ratchet FILE_LINES = new Ratchet("lines", 600, Map.of());
  private static final Ratchet METHOD_LINES = new Ratchet("lines", 60, Map.of());
  private static final Ratchet METHOD_PARAMETERS = new Ratchet("parameters", 5, Map.of());

  private static final Set<String> TOP_LEVEL =
      Set.of(
          "dht-core", "tracker", "sim", "docs", "LICENSE", "pom.xml", "README.md", "CHANGELOG.md");

  private static final Set<String> TOP_LEVEL_LATER = Set.of("chat-overlay");

  private static final int DHT_CORE_FILES_MAX = 165;

  private static final RepositoryTree TREE = RepositoryTree.find();

  private static final List<JavaSource> SOURCES =
      JavaSource.parseAll(TREE.files(".java").toList(), TREE::read);

  @Test
  void tree_isWhereWeThinkItIs() {
    assertThat(SOURCES).hasSizeGreaterThan(10);
    assertThat(TREE.files())
        .contains("pom.xml", "docs/src/test/java/org/bytchat/docs/StyleTest.java");
  }

  @Test
  void topLevel_isExactlyTheLayout() {
    Set<String> found = new TreeSet<>(TREE.topLevel());
    found.removeIf(name -> name.startsWith(".") || TOP_LEVEL_LATER.contains(name));
    assertThat(found).isEqualTo(new TreeSet<>(TOP_LEVEL));
  }

  @Test
  void javaFiles_areShort() {
    Map<String, Integer> sizes = new TreeMap<>();
    TREE.files(".java").forEach(file -> sizes.put(file, (int) TREE.read(file).lines().count()));
    assertNone(FILE_LINES.check(sizes));
  }

  @Test
  void methods_areShort() {
    assertNone(METHOD_LINES.check(sizes(METHOD_LINES, JavaSource.Method::lines)));
  }

  @Test
  void methods_takeFewParameters() {
    assertNone(METHOD_PARAMETERS.check(sizes(METHOD_PARAMETERS, JavaSource.Method::parameters)));
  }

  @Test
  void javaFiles_haveNoBannedCallsAndDocumentedTypes() {
    assertNone(SOURCES.stream().flatMap(source -> source.findings().stream()).toList());
  }

  @Test
  void javaFiles_fitTheColumns() {
    assertNone(each(TREE.files(".java"), TextStyle::longLines));
  }

  @Test
  void mainPackages_areNullMarked() {
    Set<String> folders = new TreeSet<>();
    TREE.files(".java")
        .filter(file -> file.contains("/src/main/java/"))
        .forEach(file -> folders.add(file.substring(0, file.lastIndexOf('/') + 1)));
    List<String> findings =
        folders.stream()
            .map(folder -> folder + "package-info.java")
            .filter(file -> !TREE.exists(file) || !TREE.read(file).contains("@NullMarked"))
            .map(file -> file + ":1: missing, or without @NullMarked")
            .toList();
    assertNone(findings);
  }

  @Test
  void dhtCore_staysSmall() {
    assertThat(
            TREE.files(".java")
                .filter(file -> file.startsWith("dht-core/src/main/"))
                .filter(file -> !file.endsWith("package-info.java")))
        .as("main files of dht-core; a new concept replaces an old one")
        .hasSizeLessThanOrEqualTo(DHT_CORE_FILES_MAX);
  }

  @Test
  void nothing_isLeftOpen() {
    Stream<String> texts =
        TREE.files().stream()
            .filter(file -> file.matches(".*\\.(java|md|xml|ya?ml|sh|py|properties)|\\.ci/run"));
    assertNone(each(texts, TextStyle::leftovers));
  }

  @Test
  void markdown_hasOneTitle() {
    assertNone(each(TREE.files(".md"), TextStyle::titles));
  }

  @Test
  void markdown_linksResolve() {
    assertNone(
        each(TREE.files(".md"), (file, text) -> TextStyle.brokenLinks(file, text, TREE::exists)));
  }

  /** By file and line; what the ratchet lists by its name there, overloads as their largest. */
  private static Map<String, Integer> sizes(Ratchet ratchet, ToIntFunction<JavaSource.Method> by) {
    Map<String, Integer> sizes = new TreeMap<>();
    for (JavaSource source : SOURCES) {
      for (JavaSource.Method method : source.methods()) {
        boolean listed = ratchet.listed().containsKey(method.name());
        String name = listed ? method.name() : method.at() + " (" + method.name() + ")";
        sizes.merge(name, by.applyAsInt(method), Math::max);
      }
    }
    return sizes;
  }

  private static List<String> each(
      Stream<String> files, BiFunction<String, String, List<String>> check) {
    List<String> findings = new ArrayList<>();
    files.forEach(file -> findings.addAll(check.apply(file, TREE.read(file))));
    return findings;
  }

  private static void assertNone(List<String> findings) {
    assertThat(findings).as(() -> String.join("\n", findings)).isEmpty();
  }
}
