package org.bytchat.sim.run;

import java.util.Optional;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.Services;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.mail.MailFigures;
import org.bytchat.sim.mail.MailRun;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.sim.scenario.Mode;
import org.bytchat.sim.scenario.Scenario;
import org.jspecify.annotations.Nullable;

/** Begins the mail of a run, if there is any, and says what it should have come to. */
final class MailStart {

  private MailStart() {}

  /** Returns what a place offers. */
  static int services(Plan plan, int place) {
    Scenario scenario = plan.scenario();
    int others = scenario.node().services();
    Mail mail = scenario.mail();
    if (mail == null) {
      return others;
    }
    boolean isReachable = plan.reachable().isEmpty() || plan.reachable().get(place);
    int all = MailRun.services(mail, scenario.seed(), place, plan.lives().size(), others);
    return isReachable ? all : all & ~Services.TRACKER;
  }

  /** Returns the services for which nodes are in second tables at the start. */
  static int common(Plan plan) {
    return plan.scenario().mail() == null ? 0 : Services.TRACKER;
  }

  /** Makes the mail of a run, null if there is none. */
  static @Nullable MailRun of(
      Plan plan, Kernel kernel, SimWorld world, Directory directory, long clockSlackMicros) {
    Scenario scenario = plan.scenario();
    Mail mail = scenario.mail();
    if (mail == null) {
      return null;
    }
    return new MailRun(
        new MailRun.Setting(
            mail,
            scenario.seed(),
            Keys.networkId(scenario.node().network()),
            scenario.mode() == Mode.CODEC,
            kernel,
            world,
            directory,
            new MailRun.Times(
                plan.measureFromMicros(),
                plan.healFromMicros(),
                plan.endMicros(),
                clockSlackMicros)));
  }

  /** Takes what is found. */
  @FunctionalInterface
  interface Findings {
    void add(RunResult.Finding what, String problem);
  }

  /** Looks at what has happened. */
  static void advance(MailRun run, long nowMicros, Findings findings) {
    run.advance(nowMicros).forEach(each -> findings.add(RunResult.Finding.INVARIANT, each));
  }

  /** Judges a run that has come to its end, or has been stopped. */
  static MailFigures judge(
      MailRun run, Scenario scenario, long nowMicros, boolean isWhole, Findings findings) {
    advance(run, nowMicros, findings);
    MailFigures figures = run.figures(nowMicros);
    advance(run, nowMicros, findings);
    if (isWhole) {
      run.overdue(nowMicros).forEach(each -> findings.add(RunResult.Finding.LIVENESS, each));
      unmet(scenario, figures).ifPresent(each -> findings.add(RunResult.Finding.ORACLE, each));
    }
    return figures;
  }

  /** Returns what was expected and has not come. */
  private static Optional<String> unmet(Scenario scenario, MailFigures figures) {
    Mail mail = scenario.mail();
    Double keptMin = mail == null ? null : mail.expect().keptMin();
    return keptMin == null || figures.keptShare() >= keptMin
        ? Optional.empty()
        : Optional.of(
            "kept_share is %.6f, at least %s is expected".formatted(figures.keptShare(), keptMin));
  }
}
