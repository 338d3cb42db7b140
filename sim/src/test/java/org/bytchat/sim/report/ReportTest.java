package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The page, read as XML. */
class ReportTest {

  private static final Path FOLDER = Path.of("target", "report-demo");

  private static String page = "";
  private static Document document;

  @BeforeAll
  static void writeTheDemo() throws Exception {
    ReportDemo.report().write(RunFolder.open(FOLDER));
    page = Files.readString(FOLDER.resolve(Report.FILE));
    document = Markup.parse(page);
  }

  @Test
  void html_hasAllThatWasPut() {
    String text = document.getDocumentElement().getTextContent();
    assertThat(text)
        .contains("Kademlia under churn, 1,000 nodes")
        .contains("no verdict", "Partial.", "stopped by the user")
        .contains("lookup success", "99.82 %", "12,345,678")
        .contains("Weibull 0.615", "Steiner et al.")
        .contains("4242424242424242", "bytchat-sim run churn-kad.yaml --seed 4242424242424242")
        .contains("OpenJDK 17");
    assertThat(Markup.elements(document, "h2"))
        .extracting(Element::getTextContent)
        .contains("Lookups", "Traffic", "Parameters", "Where this comes from");
    assertThat(Markup.elements(document, "h3"))
        .extracting(Element::getTextContent)
        .containsExactlyElementsOf(ReportDemo.PLOTS);
  }

  @Test
  void html_drawsEveryPlotInItsOwnWidthAndColours() {
    List<Element> drawings = Markup.elements(document, "svg");
    // The last plot of the demo has nothing to draw, and says so.
    assertThat(drawings).hasSize(ReportDemo.PLOTS.size() - 1);
    assertThat(page).contains("Nothing to draw").doesNotContain("cannot be drawn");
    for (Element drawing : drawings) {
      assertThat(drawing.getAttribute("viewBox")).isEqualTo("0 0 480 280");
      assertThat(drawing.hasAttribute("width")).isFalse();
      assertThat(Markup.elements(drawing, "text")).hasSizeBetween(6, 20);
    }
    assertThat(page).doesNotContain("rgb(");
    for (int i = 0; i < PlotSvg.COLORS; i++) {
      assertThat(page).contains("stroke:var(--c" + i + ")").contains("--c" + i + ": #");
    }
  }

  @Test
  void html_hasEachIdOnceAndNoReferenceWithout() {
    List<String> ids = new ArrayList<>();
    List<String> references = new ArrayList<>();
    for (Element element : Markup.elements(document, "*")) {
      if (element.hasAttribute("id")) {
        ids.add(element.getAttribute("id"));
      }
      if (element.getAttribute("href").startsWith("#")) {
        references.add(element.getAttribute("href").substring(1));
      }
      if (element.hasAttribute("aria-labelledby")) {
        references.add(element.getAttribute("aria-labelledby"));
      }
      if (element.hasAttribute("clip-path")) {
        references.add(element.getAttribute("clip-path").replaceAll("^url\\(#|\\)$", ""));
      }
    }
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(references).hasSizeGreaterThan(10).allMatch(ids::contains);
  }

  @Test
  void html_needsNothingFromElsewhere() {
    assertThat(page).doesNotContain("<script", "<link", "<img", "@import", "url(http", "src=");
    assertThat(page).contains("default-src 'none'".replace("'", "&#39;"));
    for (Element link : Markup.elements(document, "a")) {
      assertThat(link.getAttribute("href")).matches("#section-\\d+|https://doi\\.org/.*");
    }
  }

  @Test
  void html_ofHostileText_showsItAsText() throws Exception {
    String hostile =
        "<script>alert('&\"')</script>]]>\u0000\ud800 https://x/\"onclick=1 javascript:x";
    double[] one = {1};
    Report report =
        new Report(hostile)
            .description(hostile)
            .verdict(Verdict.FAILED, hostile)
            .partial(hostile)
            .command(hostile)
            .figure(hostile, hostile, hostile)
            .parameter(hostile, hostile, hostile)
            .version(hostile, hostile)
            .section(
                hostile,
                new Note(hostile),
                new Table(hostile, List.of(hostile)).caption(hostile).row(hostile),
                new Plot(hostile)
                    .caption(hostile)
                    .axes(hostile, hostile)
                    .points(hostile, one, one)
                    .line(hostile, one, one));
    String html = report.html();
    Document parsed = Markup.parse(html);
    assertThat(Markup.elements(parsed, "script")).isEmpty();
    assertThat(Markup.elements(parsed, "*"))
        .allMatch(element -> !element.hasAttribute("onclick"))
        .allMatch(element -> !element.getAttribute("href").contains("\""));
    assertThat(parsed.getDocumentElement().getTextContent())
        .contains("<script>alert('&\"')</script>]]>\ufffd\ufffd https://x/\"onclick=1");
  }

  @Test
  void html_ofNothing_isAPage() throws Exception {
    Document parsed = Markup.parse(new Report("empty").html());
    assertThat(Markup.elements(parsed, "h1").get(0).getTextContent()).isEqualTo("empty");
    assertThat(Markup.elements(parsed, "nav")).isEmpty();
  }

  @Test
  void html_twice_isTheSame() {
    assertThat(ReportDemo.report().html()).isEqualTo(page);
  }

  @Test
  void plotProblem_asksForNoFont() throws Exception {
    // Many servers have none, and Java then fails at the first text that it lays out.
    assertThat(tried("-Xlog:class+load"))
        .contains("plots can be drawn\n", "org.knowm.xchart.XYChart")
        .doesNotContain("java.awt.font.TextLayout", "sun.font.FontManagerFactory");
  }

  @Test
  void plotProblem_withoutJavaDesktop_saysSo() throws Exception {
    assertThat(tried("--limit-modules=java.base,java.logging"))
        .startsWith("Plots cannot be drawn on this machine: ")
        .contains("java.desktop", "java/awt");
  }

  @Test
  void html_ofManyPoints_isSmall() throws IOException {
    assertThat(Files.size(FOLDER.resolve(Report.FILE))).isLessThan(500_000);
  }

  /** Returns what another JVM says of {@link PlotTrial}. */
  private static String tried(String option) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(java, option, "-cp", classes, PlotTrial.class.getName())
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
