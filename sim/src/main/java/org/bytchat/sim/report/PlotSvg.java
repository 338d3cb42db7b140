package org.bytchat.sim.report;

import java.io.IOException;

/**
 * Plots as SVG, or why not. Nothing here needs java.desktop, so that a Java without it gets as far
 * as saying so.
 */
final class PlotSvg {

  /** How many curves differ in colour; after these come broken lines. */
  static final int COLORS = 7;

  private static final String HEADLESS = "java.awt.headless";

  private PlotSvg() {}

  /**
   * Draws a plot.
   *
   * @param plot what to draw
   * @param id of the plot on its page
   * @return an SVG element, titled by the element {@code id-title}; empty if no point of the plot
   *     has a place on its axes
   * @throws UndrawableException if this machine cannot draw
   */
  static String of(Plot plot, String id) throws UndrawableException {
    if (plot.curves().stream().noneMatch(curve -> plot.placed(curve).length > 0)) {
      return "";
    }
    if (System.getProperty(HEADLESS) == null) {
      System.setProperty(HEADLESS, "true");
    }
    try {
      return PlotDrawing.svg(plot, id);
    } catch (OutOfMemoryError | StackOverflowError e) {
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      // Where a part of java.desktop is missing, it throws plain errors.
      throw new UndrawableException(e);
    }
  }

  /** This machine cannot draw. */
  static final class UndrawableException extends Exception {
    private static final long serialVersionUID = 1L;

    UndrawableException(Throwable cause) {
      super(
          "Plots cannot be drawn on this machine: a part of its Java is missing, such as"
              + " java.desktop or a library that it needs ("
              + cause
              + ").",
          cause);
    }
  }
}
