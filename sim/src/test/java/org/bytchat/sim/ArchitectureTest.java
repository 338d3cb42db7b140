package org.bytchat.sim;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Who may use whom, and what the virtual world never touches. */
class ArchitectureTest {

  private static final String ROOT = "org.bytchat.sim";

  private static final Set<String> RUN =
      Set.of("model", "theory", "report", "scenario", "kernel", "network", "attack", "mail");

  /** What each package may use besides itself. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("model", Set.of()),
          Map.entry("theory", Set.of()),
          Map.entry("report", Set.of()),
          Map.entry("scenario", Set.of()),
          Map.entry("kernel", Set.of()),
          Map.entry("network", Set.of("kernel", "model")),
          Map.entry("attack", Set.of("kernel", "network", "model", "scenario")),
          Map.entry("mail", Set.of("kernel", "network", "model", "scenario", "report")),
          Map.entry("run", RUN),
          Map.entry("validate", Set.of("run", "scenario", "theory", "report", "model")),
          Map.entry("sweep", Set.of("run", "scenario", "report", "theory", "kernel")),
          Map.entry("fuzz", Set.of("run", "scenario", "model", "report", "kernel")),
          Map.entry("bench", Set.of("run", "scenario")),
          Map.entry(
              "cli",
              Set.of("run", "scenario", "theory", "report", "validate", "sweep", "fuzz", "bench")));

  /** Where time is virtual and chance follows from the seed. */
  private static final String[] VIRTUAL = {
    ROOT + ".model..",
    ROOT + ".scenario..",
    ROOT + ".kernel..",
    ROOT + ".network..",
    ROOT + ".attack..",
    ROOT + ".mail.."
  };

  private static final Set<String> INEXACT_MATH =
      Set.of(
          "log", "log10", "log1p", "exp", "expm1", "pow", "cbrt", "sin", "cos", "tan", "asin",
          "acos", "atan", "atan2", "sinh", "cosh", "tanh", "hypot", "random");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages(ROOT);

  private static String packageOf(String fullName) {
    String rest = fullName.substring(Math.min(fullName.length(), ROOT.length() + 1));
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  @Test
  void packages_areThoseOfTheTable() {
    Set<String> found = new TreeSet<>();
    MAIN.forEach(type -> found.add(packageOf(type.getPackageName())));
    assertThat(ALLOWED.keySet()).containsAll(found);
    assertThat(found).contains("model", "kernel", "network", "run", "cli");
  }

  @Test
  void dependencies_followTheTable() {
    assertAll(ALLOWED.keySet().stream().sorted().map(name -> () -> arrows(name).check(MAIN)));
  }

  private static ArchRule arrows(String name) {
    String[] others =
        ALLOWED.keySet().stream()
            .filter(other -> !other.equals(name) && !ALLOWED.get(name).contains(other))
            .sorted()
            .map(other -> ROOT + "." + other + "..")
            .toArray(String[]::new);
    return noClasses()
        .that(resideInAPackage(ROOT + "." + name + ".."))
        .should()
        .dependOnClassesThat(resideInAnyPackage(others))
        .allowEmptyShould(true);
  }

  @Test
  void packages_areFreeOfCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
  }

  private static DescribedPredicate<JavaMethodCall> calls(
      String what, Class<?> owner, Set<String> names) {
    return DescribedPredicate.describe(
        what,
        call ->
            call.getTargetOwner().isEquivalentTo(owner)
                && names.contains(call.getTarget().getName()));
  }

  @Test
  void virtualWorld_hasNeitherChanceNorAClockOfItsOwn() {
    noClasses()
        .that(resideInAnyPackage(VIRTUAL))
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            Random.class,
            SplittableRandom.class,
            ThreadLocalRandom.class,
            Clock.class,
            Instant.class)
        .check(MAIN);
    noClasses()
        .that(resideInAnyPackage(VIRTUAL))
        .should()
        .callMethodWhere(calls("clock", System.class, Set.of("currentTimeMillis", "nanoTime")))
        .check(MAIN);
  }

  @Test
  void planning_hasNeitherChanceNorAClockOfItsOwn() {
    DescribedPredicate<JavaMethodCall> clock =
        calls("clock", System.class, Set.of("currentTimeMillis", "nanoTime"));
    noClasses()
        .that()
        .haveNameMatching(
            ROOT + "\\.run\\.(Plan.*|Op|Models|Identities|Record.*|Invariants|Sampler)")
        .should()
        .callMethodWhere(clock)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
        .check(MAIN);
  }

  @Test
  void virtualWorld_usesMathThatIsTheSameEverywhere() {
    noClasses()
        .that(resideInAnyPackage(VIRTUAL))
        .should()
        .callMethodWhere(calls("inexact math", Math.class, INEXACT_MATH))
        .check(MAIN);
  }
}
