package org.bytchat.docs;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * One Java file as the compiler's own parser sees it: its methods, and what of it is banned.
 *
 * @param path the file, for messages and for the bans that depend on it
 * @param methods its methods and constructors, also those of nested and anonymous classes
 * @param findings what is wrong, each as {@code path:line: message}
 */
record JavaSource(String path, List<Method> methods, List<String> findings) {

  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  /** Files that one compiler has in memory. */
  private static final int BATCH = 100;

  /**
   * A method or constructor.
   *
   * @param name the file and the method, which the ratchet lists by
   * @param at the file and the line
   * @param lines from its annotations to its last brace
   * @param parameters how many it takes
   */
  record Method(String name, String at, int lines, int parameters) {}

  /** Parses a file; one that does not parse is a finding. */
  static JavaSource parse(String path, String text) {
    return parseAll(List.of(path), file -> text).get(0);
  }

  /**
   * Parses files, of which each gives what {@link #parse} does: a compiler costs far more to make
   * than a file to parse.
   */
  static List<JavaSource> parseAll(List<String> paths, UnaryOperator<String> textOf) {
    List<JavaSource> sources = new ArrayList<>();
    for (int i = 0; i < paths.size(); i += BATCH) {
      sources.addAll(parseBatch(paths.subList(i, Math.min(i + BATCH, paths.size())), textOf));
    }
    return sources;
  }

  private static List<JavaSource> parseBatch(List<String> paths, UnaryOperator<String> textOf) {
    Map<String, List<String>> findings = new HashMap<>();
    paths.forEach(path -> findings.put(path, new ArrayList<>()));
    JavacTask task =
        (JavacTask)
            COMPILER.getTask(
                null,
                null,
                diagnostic -> {
                  String path = pathOf(diagnostic.getSource());
                  Objects.requireNonNull(findings.get(path), path)
                      .add(
                          path
                              + ":"
                              + diagnostic.getLineNumber()
                              + ": "
                              + diagnostic.getMessage(Locale.ROOT));
                },
                List.of(),
                null,
                paths.stream().map(path -> new Text(path, textOf.apply(path))).toList());
    try {
      List<JavaSource> sources = new ArrayList<>();
      DocTrees trees = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        String path = pathOf(unit.getSourceFile());
        List<String> ofFile = Objects.requireNonNull(findings.get(path), path);
        Scanner scanner = new Scanner(path, unit, trees, ofFile);
        scanner.scan(unit, null);
        sources.add(new JavaSource(path, scanner.methods, ofFile));
      }
      return sources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path that the file was given for its name. */
  private static String pathOf(JavaFileObject file) {
    return file.toUri().getPath().substring(1);
  }

  private static final class Text extends SimpleJavaFileObject {

    private final String text;

    Text(String path, String text) {
      super(URI.create("string:///" + path), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {

    private static final Set<String> INEXACT_MATH =
        Set.of("Math.log", "Math.log10", "Math.log1p", "Math.exp", "Math.pow", "Math.cbrt");

    final List<Method> methods = new ArrayList<>();

    private final String path;
    private final CompilationUnitTree unit;
    private final DocTrees trees;
    private final List<String> findings;

    Scanner(String path, CompilationUnitTree unit, DocTrees trees, List<String> findings) {
      this.path = path;
      this.unit = unit;
      this.trees = trees;
      this.findings = findings;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
      if (getCurrentPath().getParentPath().getLeaf() == unit
          && type.getModifiers().getFlags().contains(Modifier.PUBLIC)
          && trees.getDocComment(getCurrentPath()) == null) {
        report(type, "public type " + type.getSimpleName() + " has no Javadoc");
      }
      return super.visitClass(type, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
      long start = trees.getSourcePositions().getStartPosition(unit, method);
      long end = trees.getSourcePositions().getEndPosition(unit, method);
      if (end >= 0) {
        int lines = (int) (line(end) - line(start)) + 1;
        String name = path + "#" + method.getName();
        // A record's constructor takes the record's components, whatever the limit says.
        boolean ofRecord =
            getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.RECORD
                && method.getReturnType() == null;
        int parameters = ofRecord ? 0 : method.getParameters().size();
        methods.add(new Method(name, at(method), lines, parameters));
      }
      return super.visitMethod(method, null);
    }

    @Override
    public @Nullable Void visitImport(ImportTree tree, @Nullable Void unused) {
      if (tree.isStatic()) {
        String name = tree.getQualifiedIdentifier().toString();
        banName(tree, name.replaceFirst("^java\\.(lang|util)\\.", ""));
      }
      return null;
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree select, @Nullable Void unused) {
      banName(select, select.toString().replaceFirst("^java\\.(lang|util)\\.", ""));
      return super.visitMemberSelect(select, null);
    }

    @Override
    public @Nullable Void visitMemberReference(
        MemberReferenceTree reference, @Nullable Void unused) {
      banName(reference, reference.getQualifierExpression() + "." + reference.getName());
      return super.visitMemberReference(reference, null);
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      if (call.getMethodSelect() instanceof MemberSelectTree select
          && call.getArguments().isEmpty()) {
        if (select.getIdentifier().contentEquals("getBytes")) {
          ban(call, "getBytes() without a charset", "getBytes(StandardCharsets.UTF_8)");
        }
        if (select.getIdentifier().contentEquals("printStackTrace")) {
          ban(call, "printStackTrace()", "a logger, or let the exception go on");
        }
      }
      return super.visitMethodInvocation(call, null);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree creation, @Nullable Void unused) {
      String type = creation.getIdentifier().toString();
      if (creation.getArguments().isEmpty()
          && Set.of("Random", "java.util.Random", "SplittableRandom").contains(type)) {
        ban(creation, "new " + type + "()", isTest() ? "Seeds.random(seed)" : "Entropy");
      }
      return super.visitNewClass(creation, null);
    }

    @Override
    public @Nullable Void visitSynchronized(SynchronizedTree tree, @Nullable Void unused) {
      if (path.matches("dht-core/src/main/.*/(engine|routing|lookup|store|node)/[^/]*")) {
        ban(tree, "synchronized", "the thread that owns the engine");
      }
      return super.visitSynchronized(tree, null);
    }

    private void banName(Tree tree, String name) {
      if (name.equals("Thread.sleep")) {
        ban(tree, name, isTest() ? "ManualTime or Awaitility" : "a deadline");
      }
      if ((name.equals("System.out") || name.equals("System.err")) && !isForTerminal()) {
        ban(tree, name + " outside a cli package", "a logger");
      }
      if (INEXACT_MATH.contains(name) && !isTest()) {
        ban(tree, name, "StrictMath" + name.substring("Math".length()));
      }
    }

    private boolean isForTerminal() {
      return isTest() || path.contains("/cli/");
    }

    private boolean isTest() {
      return path.contains("src/test/");
    }

    private void ban(Tree tree, String what, String instead) {
      report(tree, what + " is banned, use " + instead);
    }

    private void report(Tree tree, String message) {
      findings.add(at(tree) + ": " + message);
    }

    private String at(Tree tree) {
      return path + ":" + line(trees.getSourcePositions().getStartPosition(unit, tree));
    }

    private long line(long position) {
      return unit.getLineMap().getLineNumber(position);
    }
  }
}
