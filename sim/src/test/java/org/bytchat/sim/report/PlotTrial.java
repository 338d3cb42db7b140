package org.bytchat.sim.report;

/** Tries to draw, in a JVM of its own. */
final class PlotTrial {

  private PlotTrial() {}

  public static void main(String[] arguments) {
    String problem = Report.plotProblem();
    System.out.print((problem.isEmpty() ? "plots can be drawn" : problem) + "\n");
  }
}
