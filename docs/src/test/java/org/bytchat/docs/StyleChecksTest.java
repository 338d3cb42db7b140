package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shows that each check of {@link StyleTest} can fail. */
class StyleChecksTest {

  private static final String MAIN = "dht-core/src/main/java/org/bytchat/dht/A.java";
  private static final String TEST = "dht-core/src/test/java/org/bytchat/dht/ATest.java";

  @Test
  void parse_methods_measured() {
    String text =
        """
        /** A. */
        public class A {
          @Override
          public int f(int a, int b) {
            return a;
          }
          record R(int a, int b, int c, int d, int e, int f) {
            R {
              a = 1;
            }
          }
        }
        """;
    assertThat(JavaSource.parse("A.java", text).methods())
        .containsExactly(
            new JavaSource.Method("A.java#f", "A.java:3", 4, 2),
            new JavaSource.Method("A.java#<init>", "A.java:8", 3, 0));
  }

  @Test
  void parse_notJava_found() {
    assertThat(JavaSource.parse("A.java", "class A {\n  int\n}\n").findings())
        .first()
        .asString()
        .startsWith("A.java:2: ");
  }

  @Test
  void parse_publicTypeWithoutJavadoc_found() {
    assertThat(findings(MAIN, "\n\npublic class A {}"))
        .containsExactly("3: public type A has no Javadoc");
    assertThat(findings(MAIN, "/* no */ public class A {}")).hasSize(1);
    assertThat(findings(MAIN, "/** Is A. */ public class A { public class B {} } class C {}"))
        .isEmpty();
  }

  @Test
  void parse_sleep_found() {
    assertThat(findings(MAIN, "class A { void f() {\n Thread.sleep(1); } }"))
        .containsExactly("2: Thread.sleep is banned, use a deadline");
    assertThat(findings(TEST, "class A { void f() {\n java.lang.Thread.sleep(1); } }"))
        .containsExactly("2: Thread.sleep is banned, use ManualTime or Awaitility");
    assertThat(findings(TEST, "import static java.lang.Thread.sleep;")).hasSize(1);
    assertThat(findings(TEST, "class A { String s = \"Thread.sleep(1)\"; // Thread.sleep\n }"))
        .isEmpty();
  }

  @Test
  void parse_standardStreams_foundOutsideCli() {
    String text = "class A { void f() { System.out.println(1); } }";
    assertThat(findings(MAIN, text))
        .containsExactly("1: System.out outside a cli package is banned, use a logger");
    assertThat(findings("tracker/src/main/java/org/bytchat/tracker/cli/A.java", text)).isEmpty();
  }

  @Test
  void parse_defaultCharset_found() {
    assertThat(findings(MAIN, "class A { byte[] b = \"a\".getBytes(); }"))
        .containsExactly(
            "1: getBytes() without a charset is banned, use getBytes(StandardCharsets.UTF_8)");
    assertThat(findings(MAIN, "class A { byte[] b = \"a\".getBytes(UTF_8); }")).isEmpty();
  }

  @Test
  void parse_printStackTrace_found() {
    assertThat(findings(MAIN, "class A { void f(Exception e) { e.printStackTrace(); } }"))
        .containsExactly(
            "1: printStackTrace() is banned, use a logger, or let the exception go on");
  }

  @Test
  void parse_unseededRandom_found() {
    assertThat(findings(TEST, "class A { Object r = new Random(); }"))
        .containsExactly("1: new Random() is banned, use Seeds.random(seed)");
    assertThat(findings(MAIN, "class A { Object r = new java.util.Random(); }"))
        .containsExactly("1: new java.util.Random() is banned, use Entropy");
    assertThat(findings(TEST, "class A { Object r = new Random(1); }")).isEmpty();
  }

  @Test
  void parse_inexactMath_foundInMain() {
    assertThat(findings(MAIN, "class A { double d = Math.log(2); }"))
        .containsExactly("1: Math.log is banned, use StrictMath.log");
    assertThat(findings(MAIN, "class A { Object o = f(Math::pow); }")).hasSize(1);
    assertThat(findings(MAIN, "import static java.lang.Math.exp;")).hasSize(1);
    assertThat(findings(MAIN, "class A { double d = StrictMath.log(2) + Math.max(1, 2); }"))
        .isEmpty();
  }

  @Test
  void parse_synchronizedInTheEngine_found() {
    String text = "class A { void f() { synchronized (this) {} } }";
    assertThat(findings("dht-core/src/main/java/org/bytchat/dht/engine/A.java", text))
        .containsExactly("1: synchronized is banned, use the thread that owns the engine");
    assertThat(findings(MAIN, text)).isEmpty();
  }

  @Test
  void longLines_over100_found() {
    String text = "a".repeat(100) + "\n" + "b".repeat(101) + "\nimport " + "c".repeat(101) + ";\n";
    assertThat(TextStyle.longLines("A.java", text))
        .containsExactly("A.java:2: 101 columns, at most 100");
  }

  @Test
  void leftovers_found() {
    for (String word : List.of("TO" + "DO", "FIX" + "ME", "XX" + "X")) {
      assertThat(TextStyle.leftovers("a.md", "one\n// " + word + ": later\n"))
          .containsExactly("a.md:2: " + word + " is banned, use an issue");
      assertThat(TextStyle.leftovers("a.md", word + "word")).isEmpty();
    }
  }

  @Test
  void titles_noneOrTwo_found() {
    assertThat(TextStyle.titles("a.md", "# A\n\n## B\n\n```\n# comment\n```\n")).isEmpty();
    assertThat(TextStyle.titles("a.md", "## B\n"))
        .singleElement()
        .asString()
        .startsWith("a.md:1: no");
    assertThat(TextStyle.titles("a.md", "# A\n\n# B\n"))
        .singleElement()
        .asString()
        .startsWith("a.md:3: ");
  }

  @Test
  void brokenLinks_missingFile_found() {
    String text =
        """
        # A
        [b](b.md) [c](b.md#there) [web](https://example.org) [here](#a) `[code](no.md)`
        [d](../no.md)
        """;
    assertThat(TextStyle.brokenLinks("docs/a.md", text, "docs/b.md"::equals))
        .containsExactly("docs/a.md:3: link to ../no.md, which does not exist");
  }

  @Test
  void ratchet_newOverLimit_found() {
    Ratchet ratchet = new Ratchet("lines", 10, Map.of("old", 20));
    assertThat(ratchet.check(Map.of("old", 20, "new", 10))).isEmpty();
    assertThat(ratchet.check(Map.of("old", 20, "new", 11)))
        .containsExactly("new: 11 lines, at most 10");
  }

  @Test
  void ratchet_listedMoves_found() {
    Ratchet ratchet = new Ratchet("lines", 10, Map.of("old", 20));
    assertThat(ratchet.check(Map.of("old", 21))).containsExactly("old: 21 lines, at most 20");
    assertThat(ratchet.check(Map.of("old", 19)))
        .containsExactly("old: 19 lines now, lower its entry");
    assertThat(ratchet.check(Map.of("old", 10)))
        .containsExactly("old: within the limit now, take it off the list");
    assertThat(ratchet.check(Map.of())).hasSize(1);
  }

  private static List<String> findings(String path, String text) {
    return JavaSource.parse(path, text).findings().stream()
        .map(finding -> finding.substring(path.length() + 1))
        .toList();
  }
}
