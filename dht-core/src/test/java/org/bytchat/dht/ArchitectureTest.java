package org.bytchat.dht;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Who may use whom, and what the deterministic part never touches. */
class ArchitectureTest {

  private static final String ROOT = "org.bytchat.dht";

  /** Fewer than this were not a check of anything; raise it as the library grows. */
  private static final int MINIMUM_CLASSES = 10;

  /** The facade's own name in the tables below. */
  private static final String FACADE = "";

  /** What each package may use besides itself, {@code config} and {@code keyspace}. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry(FACADE, Set.of("runtime", "identity", "wire", "lookup", "store", "engine")),
          Map.entry("config", Set.of()),
          Map.entry("keyspace", Set.of()),
          Map.entry("identity", Set.of()),
          Map.entry("wire", Set.of()),
          Map.entry("codec", Set.of("wire")),
          Map.entry("time", Set.of()),
          Map.entry("routing", Set.of("time")),
          Map.entry("lookup", Set.of("time")),
          Map.entry("store", Set.of("time", "identity")),
          Map.entry("engine", Set.of("routing", "lookup", "store", "wire", "time", "identity")),
          Map.entry("node", Set.of("codec", "engine", "wire")),
          Map.entry("transport", Set.of()),
          Map.entry(
              "runtime",
              Set.of(
                  "transport",
                  "node",
                  "engine",
                  "identity",
                  "codec",
                  "wire",
                  "time",
                  "routing",
                  "lookup",
                  "store")));

  /** Packages of the design that have no class yet; a package that gets one leaves this list. */
  private static final Set<String> NOT_YET = Set.of();

  /** Packages that users outside this module import. */
  private static final Set<String> EXPORTED =
      Set.of(
          FACADE,
          "config",
          "keyspace",
          "identity",
          "wire",
          "codec",
          "time",
          "store",
          "engine",
          "node",
          "transport");

  /** The real world begins here; everything else is deterministic. */
  private static final Set<String> REAL_WORLD = Set.of(FACADE, "runtime", "transport");

  /** Where hash order could become visible, and where one thread owns everything. */
  private static final List<String> OWNED = List.of("engine", "routing", "lookup", "store", "node");

  private static final Set<String> INEXACT_MATH =
      Set.of(
          "log", "log10", "log1p", "exp", "expm1", "pow", "cbrt", "sin", "cos", "tan", "asin",
          "acos", "atan", "atan2", "sinh", "cosh", "tanh", "hypot");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages(ROOT);

  @Test
  void import_findsTheLibrary() {
    assertThat(MAIN.size()).isGreaterThanOrEqualTo(MINIMUM_CLASSES);
  }

  @Test
  void packages_areExactlyThoseOfTheDesign() {
    Set<String> found = new TreeSet<>();
    MAIN.forEach(type -> found.add(shortName(type.getPackageName())));
    Set<String> designed = new TreeSet<>(ALLOWED.keySet());
    designed.removeAll(NOT_YET);
    assertThat(found).isEqualTo(designed);
  }

  @Test
  void dependencies_followTheArrows() {
    assertAll(ALLOWED.keySet().stream().sorted().map(name -> () -> arrows(name).check(MAIN)));
  }

  @Test
  void packages_areFreeOfCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void belowTheRuntime_noClockThreadSocketFileLogOrRandomness() {
    worldFree(deterministic()).check(MAIN);
  }

  @Test
  void belowTheRuntime_secureRandomOnlyMakesKeys() {
    noClasses()
        .that(deterministic().and(not(resideInAPackage(longName("identity")))))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.SecureRandom")
        .check(MAIN);
  }

  @Test
  void belowTheRuntime_mathIsTheSameOnEveryMachine() {
    exactMath(deterministic()).check(MAIN);
  }

  @Test
  void ownedState_hasNoHashOrder() {
    orderFree(owned()).check(MAIN);
  }

  @Test
  void ownedState_hasNoLocks() {
    fields()
        .that()
        .areDeclaredInClassesThat(owned())
        .should()
        .notHaveModifier(JavaModifier.VOLATILE)
        .because("one thread owns the engine")
        .check(MAIN);
    methods()
        .that()
        .areDeclaredInClassesThat(owned())
        .should()
        .notHaveModifier(JavaModifier.SYNCHRONIZED)
        .because("one thread owns the engine")
        .check(MAIN);
  }

  @Test
  void packages_areNullMarked() {
    JavaPackage root = MAIN.getPackage(ROOT);
    Stream.concat(Stream.of(root), root.getSubpackagesInTree().stream())
        .filter(found -> !found.getClasses().isEmpty())
        .forEach(
            found ->
                assertThat(found.isAnnotatedWith(NullMarked.class))
                    .as("%s has a package-info.java with @NullMarked", found.getName())
                    .isTrue());
  }

  @Test
  void exportedTypes_sayHowStableTheyAre() {
    classes()
        .that()
        .resideInAnyPackage(longNames(EXPORTED.stream()))
        .and()
        .arePublic()
        .and()
        .areTopLevelClasses()
        .should()
        .beAnnotatedWith(API.class)
        .check(MAIN);
  }

  @Test
  void rules_sampleThatBreaksThem_failNamingEachBreach() {
    JavaClasses samples = new ClassFileImporter().importClasses(Hostile.class);
    DescribedPredicate<JavaClass> all = DescribedPredicate.alwaysTrue();
    assertThatThrownBy(() -> worldFree(all).check(samples))
        .hasMessageContaining("java.lang.System.nanoTime")
        .hasMessageContaining("java.time.Instant.now")
        .hasMessageContaining("java.util.Random")
        .hasMessageContaining("java.util.concurrent.ConcurrentLinkedQueue")
        .hasMessageContaining("java.net.InetSocketAddress");
    assertThatThrownBy(() -> exactMath(all).check(samples))
        .hasMessageContaining("java.lang.Math.log");
    assertThatThrownBy(() -> orderFree(all).check(samples))
        .hasMessageContaining("java.util.HashMap")
        .hasMessageContaining("java.util.Set.of");
  }

  private static ArchRule arrows(String name) {
    String[] usable =
        Stream.concat(
                Stream.of(name, "config", "keyspace"),
                ALLOWED.getOrDefault(name, Set.of()).stream())
            .map(ArchitectureTest::longName)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(longName(name))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(usable).or(not(resideInAPackage("org.bytchat.."))))
        .because("the other arrows do not exist, see docs/architecture.md")
        .allowEmptyShould(NOT_YET.contains(name));
  }

  private static ArchRule worldFree(DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should()
        .dependOnClassesThat(describe("belong to the real world", ArchitectureTest::worldly))
        .orShould()
        .accessTargetWhere(describe("reads a clock", ArchitectureTest::readsClock))
        .because("time, randomness and bytes come in as parameters");
  }

  private static ArchRule exactMath(DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should()
        .accessTargetWhere(
            describe(
                "calls inexact math", access -> targets(access, "java.lang.Math", INEXACT_MATH)))
        .because("only StrictMath gives the same bits everywhere");
  }

  private static ArchRule orderFree(DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should()
        .dependOnClassesThat(
            describe(
                "iterate in hash order",
                type ->
                    Set.of(
                            "java.util.HashMap",
                            "java.util.HashSet",
                            "java.util.IdentityHashMap",
                            "java.util.WeakHashMap")
                        .contains(type.getName())))
        .orShould()
        .accessTargetWhere(
            describe("makes a salted collection", ArchitectureTest::makesSaltedCollection))
        .because("hash order differs between runs; use LinkedHashMap, TreeMap or arrays");
  }

  private static boolean worldly(JavaClass type) {
    String name = type.getBaseComponentType().getName();
    if (name.equals("java.util.concurrent.TimeUnit")) {
      return false;
    }
    return Stream.of(
            "com.github.benmanes.caffeine.",
            "com.google.common.cache.",
            "com.google.common.util.concurrent.",
            "io.netty.",
            "java.io.File",
            "java.io.RandomAccessFile",
            "java.lang.Thread",
            "java.net.Datagram",
            "java.net.InetSocketAddress",
            "java.net.MulticastSocket",
            "java.net.NetworkInterface",
            "java.net.ServerSocket",
            "java.net.Socket",
            "java.nio.channels.",
            "java.nio.file.",
            "java.time.Clock",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.Timer",
            "java.util.concurrent.",
            "java.util.random.",
            "org.msgpack.",
            "org.slf4j.")
        .anyMatch(name::startsWith);
  }

  private static boolean readsClock(JavaAccess<?> access) {
    return targets(access, "java.lang.System", Set.of("nanoTime", "currentTimeMillis"))
        || targets(access, "java.util.UUID", Set.of("randomUUID"))
        || (access.getTargetOwner().getPackageName().equals("java.time")
            && access.getTarget().getName().equals("now"));
  }

  private static boolean makesSaltedCollection(JavaAccess<?> access) {
    Set<String> makers = Set.of("of", "copyOf", "ofEntries");
    return targets(access, "java.util.Set", makers)
        || targets(access, "java.util.Map", makers)
        || targets(
            access,
            "java.util.stream.Collectors",
            Set.of("toSet", "toMap", "groupingBy", "toUnmodifiableSet", "toUnmodifiableMap"));
  }

  private static boolean targets(JavaAccess<?> access, String owner, Set<String> names) {
    return access.getTargetOwner().getName().equals(owner)
        && names.contains(access.getTarget().getName());
  }

  private static DescribedPredicate<JavaClass> deterministic() {
    String[] names =
        longNames(ALLOWED.keySet().stream().filter(name -> !REAL_WORLD.contains(name)));
    return resideInAnyPackage(names).as("below the runtime");
  }

  private static DescribedPredicate<JavaClass> owned() {
    return resideInAnyPackage(longNames(OWNED.stream())).as("owned by the engine's thread");
  }

  private static String[] longNames(Stream<String> names) {
    return names.map(ArchitectureTest::longName).toArray(String[]::new);
  }

  private static String longName(String name) {
    return name.equals(FACADE) ? ROOT : ROOT + "." + name;
  }

  private static String shortName(String name) {
    return name.equals(ROOT) ? FACADE : name.substring(ROOT.length() + 1);
  }

  /** Breaks every rule, so that the rules are known to see it. */
  @SuppressWarnings("unused")
  private static final class Hostile {

    private final Map<String, Long> map = new HashMap<>();
    private final Set<Integer> set = Set.of(1, 2);
    private final Queue<String> queue = new ConcurrentLinkedQueue<>();
    private final SocketAddress address = InetSocketAddress.createUnresolved("host", 1);
    private final long now = System.nanoTime();
    private final Supplier<Instant> clock = Instant::now;
    private final double drawn = Math.log(new Random(1).nextDouble());
  }
}
