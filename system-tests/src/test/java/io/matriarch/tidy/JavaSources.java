package io.matriarch.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The sizes of what is written in Java sources, as the compiler itself reads them. */
final class JavaSources {

    private JavaSources() {}

    /** What is measured. */
    enum Kind {
        FILE_LINES,
        METHOD_LINES,
        METHOD_PARAMETERS,
        RECORD_COMPONENTS
    }

    /**
     * @param where file and name, for people
     */
    record Size(Kind kind, String where, long value) {}

    static List<Size> measure(List<Path> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    problem -> {},
                                    List.of("-proc:none"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            List<Size> sizes = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                Path file = Path.of(unit.getSourceFile().toUri());
                long lines = House.text(file).lines().count();
                sizes.add(new Size(Kind.FILE_LINES, House.inTree(file).toString(), lines));
                new Measuring(unit, positions, sizes).scan(unit, null);
            }
            return sizes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Measuring extends TreeScanner<@Nullable Void, @Nullable Void> {

        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Size> sizes;
        private final Set<Tree> recordConstructors = new HashSet<>();

        Measuring(CompilationUnitTree unit, SourcePositions positions, List<Size> sizes) {
            this.unit = unit;
            this.positions = positions;
            this.sizes = sizes;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            String where = where(method) + " " + method.getName();
            if (!recordConstructors.contains(method)) {
                sizes.add(new Size(Kind.METHOD_PARAMETERS, where, method.getParameters().size()));
            }
            sizes.add(new Size(Kind.METHOD_LINES, where, lines(method)));
            return super.visitMethod(method, null);
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            if (type.getKind() == Tree.Kind.RECORD) {
                long components = type.getMembers().stream().filter(this::isComponent).count();
                String where = where(type) + " " + type.getSimpleName();
                sizes.add(new Size(Kind.RECORD_COMPONENTS, where, components));
                type.getMembers().stream()
                        .filter(member -> isCanonicalConstructor(member, components))
                        .forEach(recordConstructors::add);
            }
            return super.visitClass(type, null);
        }

        /** A record has no instance fields but its components. */
        private boolean isComponent(Tree member) {
            return member instanceof VariableTree field
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
        }

        /** Its parameters are the components, which have a ceiling of their own. */
        private static boolean isCanonicalConstructor(Tree member, long components) {
            return member instanceof MethodTree method
                    && method.getName().contentEquals("<init>")
                    && method.getParameters().size() == components;
        }

        private long lines(Tree tree) {
            long start = line(positions.getStartPosition(unit, tree));
            return line(positions.getEndPosition(unit, tree)) - start + 1;
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }

        private String where(Tree tree) {
            Path file = House.inTree(Path.of(unit.getSourceFile().toUri()));
            return file + ":" + line(positions.getStartPosition(unit, tree));
        }
    }
}
