package org.bytchat.sim.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people read of a run: filled bit by bit, then rendered to one page that needs nothing else,
 * neither scripts nor fonts nor the network. All text is taken as plain text.
 */
public final class Report {

  /** The name of the file. */
  public static final String FILE = "report.html";

  private final String title;
  private final List<Figure> figures = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Version> versions = new ArrayList<>();
  private Verdict verdict = Verdict.UNKNOWN;
  private String reason = "";
  private String description = "";
  private String partial = "";
  private String command = "";
  private @Nullable Long seed;

  /**
   * Makes a report that says nothing yet.
   *
   * @param title of the page
   */
  public Report(String title) {
    this.title = title;
  }

  /**
   * Says what the run is about.
   *
   * @param text below the title
   * @return this
   */
  public Report description(String text) {
    description = text;
    return this;
  }

  /**
   * Says what everything drawn followed from.
   *
   * @param value the seed of the run
   * @return this
   */
  public Report seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Says whether the run showed what it should.
   *
   * @param value the verdict
   * @param why in a sentence; may be empty
   * @return this
   */
  public Report verdict(Verdict value, String why) {
    verdict = value;
    reason = why;
    return this;
  }

  /**
   * Marks the report as one of a run that did not come to its end.
   *
   * @param why in a sentence
   * @return this
   */
  public Report partial(String why) {
    partial = why;
    return this;
  }

  /**
   * Says how to do it again.
   *
   * @param line for a shell
   * @return this
   */
  public Report command(String line) {
    command = line;
    return this;
  }

  /**
   * Adds one of the few numbers that come first.
   *
   * @param name what it is
   * @param value a number or text
   * @param note a unit or what to compare it to; may be empty
   * @return this
   */
  public Report figure(String name, @Nullable Object value, String note) {
    figures.add(new Figure(name, value, note));
    return this;
  }

  /**
   * Adds what the run was told.
   *
   * @param name of the parameter
   * @param value of it
   * @param citation where the value is from; may be empty
   * @return this
   */
  public Report parameter(String name, @Nullable Object value, String citation) {
    parameters.add(new Parameter(name, value, citation));
    return this;
  }

  /**
   * Adds what ran.
   *
   * @param name of a program, a library or a machine
   * @param version of it
   * @return this
   */
  public Report version(String name, String version) {
    versions.add(new Version(name, version));
    return this;
  }

  /**
   * Adds a section.
   *
   * @param heading of it
   * @param blocks what is in it, in order
   * @return this
   */
  public Report section(String heading, Block... blocks) {
    return section(heading, List.of(blocks));
  }

  /**
   * Adds a section.
   *
   * @param heading of it
   * @param blocks what is in it, in order
   * @return this
   */
  public Report section(String heading, List<? extends Block> blocks) {
    sections.add(new Section(heading, List.copyOf(blocks)));
    return this;
  }

  /**
   * Returns the page.
   *
   * @return HTML that is well-formed XML too; where plots cannot be drawn, their numbers instead
   */
  public String html() {
    return new ReportPage(this).render();
  }

  /**
   * Tries whether this machine can draw plots.
   *
   * @return why not, in a sentence; empty if it can
   */
  public static String plotProblem() {
    try {
      double[] point = {1};
      PlotSvg.of(new Plot("").points("", point, point), "trial");
      return "";
    } catch (PlotSvg.UndrawableException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Writes the page.
   *
   * @param folder where it goes
   * @throws IOException if it cannot be written
   */
  public void write(RunFolder folder) throws IOException {
    folder.write(FILE, html());
  }

  String title() {
    return title;
  }

  String description() {
    return description;
  }

  Verdict verdict() {
    return verdict;
  }

  String reason() {
    return reason;
  }

  /** Returns why the run did not come to its end; empty if it did. */
  String partial() {
    return partial;
  }

  String command() {
    return command;
  }

  @Nullable Long seed() {
    return seed;
  }

  List<Figure> figures() {
    return Collections.unmodifiableList(figures);
  }

  List<Section> sections() {
    return Collections.unmodifiableList(sections);
  }

  List<Parameter> parameters() {
    return Collections.unmodifiableList(parameters);
  }

  List<Version> versions() {
    return Collections.unmodifiableList(versions);
  }

  record Figure(String name, @Nullable Object value, String note) {}

  record Section(String heading, List<Block> blocks) {}

  record Parameter(String name, @Nullable Object value, String citation) {}

  record Version(String name, String version) {}
}
