package org.bytchat.tracker;

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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Who may use whom in the tracker, and what its deterministic part never touches. */
class ArchitectureTest {

  private static final String ROOT = "org.bytchat.tracker";

  /** Fewer than this were not a check of anything; raise it as the tracker grows. */
  private static final int MINIMUM_CLASSES = 50;

  /**
   * What packages may use of the tracker besides themselves. What is not here, such as the
   * programs, may use all; a package may be missing.
   */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "wire", Set.of(),
          "device", Set.of("wire"),
          "mailbox", Set.of("device", "wire"),
          "store", Set.of("mailbox", "device", "wire"),
          "session", Set.of(),
          "repair", Set.of("mailbox", "device", "wire"),
          "message", Set.of("repair", "mailbox", "device", "wire"),
          "quorum", Set.of("message", "mailbox", "device", "wire"),
          "engine", Set.of("message", "repair", "mailbox", "device", "wire", "store"));

  /** Time, randomness and bytes come into these as parameters. */
  private static final List<String> DETERMINISTIC =
      List.of("wire", "device", "mailbox", "repair", "message", "engine", "quorum");

  /** The packages of the network's library that others import. */
  private static final String[] LIBRARY =
      Stream.of(
              "",
              ".config",
              ".keyspace",
              ".identity",
              ".wire",
              ".codec",
              ".time",
              ".store",
              ".engine",
              ".node",
              ".transport")
          .map(name -> "org.bytchat.dht" + name)
          .toArray(String[]::new);

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages(ROOT);

  @Test
  void import_findsTheTracker() {
    assertThat(MAIN.size()).isGreaterThanOrEqualTo(MINIMUM_CLASSES);
  }

  @Test
  void dependencies_followTheArrows() {
    assertAll(ALLOWED.keySet().stream().sorted().map(name -> () -> arrows(name).check(MAIN)));
  }

  @Test
  void engine_usesOnlyValuesOfTheStore() {
    noClasses()
        .that()
        .resideInAPackage(longName("engine"))
        .and(describe("are no effects", type -> !isEffect(type)))
        .should()
        .dependOnClassesThat(
            resideInAPackage(longName("store"))
                .and(describe("are no values", type -> !isStoredValue(type))))
        .because("the engine asks for what is kept and never reads or writes it")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void packages_areFreeOfCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void deterministicPart_noClockThreadSocketFileLogOrRandomness() {
    worldFree(deterministic()).check(MAIN);
  }

  @Test
  void deterministicPart_hasNoHashOrder() {
    orderFree(deterministic()).check(MAIN);
  }

  @Test
  void deterministicPart_hasNoLocks() {
    fields()
        .that()
        .areDeclaredInClassesThat(deterministic())
        .should()
        .notHaveModifier(JavaModifier.VOLATILE)
        .because("values are immutable, and one thread owns the engine")
        .check(MAIN);
    methods()
        .that()
        .areDeclaredInClassesThat(deterministic())
        .should()
        .notHaveModifier(JavaModifier.SYNCHRONIZED)
        .because("values are immutable, and one thread owns the engine")
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
  void publicTypes_sayHowStableTheyAre() {
    classes()
        .that()
        .resideOutsideOfPackage(longName("cli"))
        .and()
        .arePublic()
        .and()
        .areTopLevelClasses()
        .should()
        .beAnnotatedWith(API.class)
        .because("only the programs are not for others to use")
        .check(MAIN);
  }

  @Test
  void rules_sampleThatBreaksThem_failNamingEachBreach() {
    JavaClasses samples = new ClassFileImporter().importClasses(Hostile.class);
    DescribedPredicate<JavaClass> all = DescribedPredicate.alwaysTrue();
    assertThatThrownBy(() -> worldFree(all).check(samples))
        .hasMessageContaining("java.lang.System.currentTimeMillis")
        .hasMessageContaining("java.time.Instant.now")
        .hasMessageContaining("java.util.Random")
        .hasMessageContaining("java.util.concurrent.ConcurrentLinkedQueue")
        .hasMessageContaining("java.net.InetSocketAddress");
    assertThatThrownBy(() -> orderFree(all).check(samples))
        .hasMessageContaining("java.util.HashMap")
        .hasMessageContaining("java.util.Set.of");
  }

  private static ArchRule arrows(String name) {
    String[] usable =
        Stream.concat(Stream.of(name), ALLOWED.getOrDefault(name, Set.of()).stream())
            .map(ArchitectureTest::longName)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(longName(name))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(usable)
                .or(resideInAnyPackage(LIBRARY))
                .or(not(resideInAPackage("org.bytchat.."))))
        .because("the other arrows do not exist")
        .allowEmptyShould(true);
  }

  /** An effect says how a driver performs it. */
  private static boolean isEffect(JavaClass type) {
    String effect = longName("engine") + ".TrackerEffect";
    return type.getName().equals(effect) || type.getName().startsWith(effect + "$");
  }

  private static boolean isStoredValue(JavaClass type) {
    String name = type.getBaseComponentType().getName();
    return Stream.of("StoredMailbox", "Change", "StoreStats", "StoreException")
        .map(value -> longName("store") + "." + value)
        .anyMatch(value -> name.equals(value) || name.startsWith(value + "$"));
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
            "io.netty.",
            "java.io.File",
            "java.io.RandomAccessFile",
            "java.lang.Thread",
            "java.net.",
            "java.nio.channels.",
            "java.nio.file.",
            "java.security.SecureRandom",
            "java.sql.",
            "java.time.Clock",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.Timer",
            "java.util.concurrent.",
            "java.util.random.",
            "org.slf4j.",
            "org.sqlite.")
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
    String[] names = DETERMINISTIC.stream().map(ArchitectureTest::longName).toArray(String[]::new);
    return resideInAnyPackage(names).as("deterministic");
  }

  private static String longName(String name) {
    return ROOT + "." + name;
  }

  /** Breaks the rules, so that they are known to see it. */
  @SuppressWarnings("unused")
  private static final class Hostile {

    private final Map<String, Long> map = new HashMap<>();
    private final Set<Integer> set = Set.of(1, 2);
    private final Queue<String> queue = new ConcurrentLinkedQueue<>();
    private final SocketAddress address = InetSocketAddress.createUnresolved("host", 1);
    private final long now = System.currentTimeMillis();
    private final Supplier<Instant> clock = Instant::now;
    private final double drawn = new Random(1).nextDouble();
  }
}
