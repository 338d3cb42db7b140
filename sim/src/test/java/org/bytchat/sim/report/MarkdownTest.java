package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Pages of Markdown, and the plots that they show. */
class MarkdownTest {

  @Test
  void text_ofAllParts_isAPage() {
    Table table = new Table("", List.of("churn", "nodes", "a|b", "lookup_success"));
    table.row("kad", "10", 3, "20 \u00b1 0.5").row("a|b_", "20", 1200, "").caption("Means.");
    Markdown page =
        new Markdown("A *title*")
            .paragraph("")
            .paragraph("See <b> & https://doi.org/10.1/a_b_ and\nx_y.")
            .command("bytchat-sim sweep a_b.yaml")
            .section("Points")
            .table(table)
            .plot(new Plot("a [b]").caption("Below."), "plot-1.svg");
    assertThat(page.text())
        .isEqualTo(
            """
            # A \\*title\\*

            See \\<b> & <https://doi.org/10.1/a_b>\\_ and x_y.

            ```sh
            bytchat-sim sweep a_b.yaml
            ```

            ## Points

            | churn | nodes | a\\|b | lookup_success |
            | --- | ---: | ---: | ---: |
            | kad | 10 | 3 | 20 \u00b1 0.5 |
            | a\\|b\\_ | 20 | 1,200 |  |

            Means.

            ![a \\[b\\]](plot-1.svg)

            Below.
            """);
  }

  @Test
  void paragraph_thatLooksLikeALink_aListOrAHeading_isText() {
    assertThat(new Markdown("t").paragraph("# a").paragraph("1. b").paragraph("- c").text())
        .isEqualTo("# t\n\n\\# a\n\n1\\. b\n\n\\- c\n");
    assertThat(new Markdown("t").paragraph("1.5 a").paragraph("-c [d](e) &lt;").text())
        .isEqualTo("# t\n\n1.5 a\n\n-c \\[d\\](e) \\&lt;\n");
  }

  @Test
  void paragraph_thatIsLong_isFolded() {
    List<String> lines =
        new Markdown("t").paragraph("- word ".repeat(60)).text().lines().skip(2).toList();
    assertThat(lines).hasSizeGreaterThan(2).allMatch(line -> line.length() <= 120);
    assertThat(lines).noneMatch(line -> line.startsWith("- "));
    assertThat(String.join(" ", lines).replace("\\", "")).isEqualTo("- word ".repeat(60).strip());
  }

  @Test
  void svg_hasItsTextAndNoVariables() throws Exception {
    double[] xs = {1, 2, 3};
    Plot plot =
        new Plot("Nodes & <lookups>, with a title that is too long for one line of the drawing")
            .axes("nodes", "lookups")
            .line("first", xs, xs)
            .band("first", xs, new double[] {0, 1, 2}, new double[] {2, 3, 4})
            .points("second", xs, xs);
    String svg = plot.svg("plot-1");
    assertThat(svg).startsWith("<svg xmlns=").doesNotContain("var(", "rgb(2,0");
    Document document = Markup.parse(svg);
    assertThat(Markup.elements(document, "svg")).hasSize(1);
    assertThat(document.getDocumentElement().getAttribute("width")).isEqualTo("480");
    assertThat(Markup.elements(document, "title").get(0).getAttribute("id"))
        .isEqualTo(document.getDocumentElement().getAttribute("aria-labelledby"));
    List<String> texts =
        Markup.elements(document, "text").stream().map(Element::getTextContent).toList();
    assertThat(texts).contains("first", "second", "nodes", "lookups");
    assertThat(texts.get(0) + " " + texts.get(1))
        .isEqualTo(Markup.elements(document, "title").get(0).getTextContent());
    // The colours of the first two curves on the light page.
    assertThat(svg).contains("#0072b2", "#d55e00").isEqualTo(plot.svg("plot-1"));
  }

  @Test
  void svg_ofNothing_isEmpty() {
    assertThat(new Plot("t").line("none", new double[] {1}, new double[] {Double.NaN}).svg("a"))
        .isEmpty();
  }
}
