package io.matriarch.local.process;

import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A living process of one local cluster, as the kernel tells it: recognised by the mark in its
 * environment, or, for Postgres, by the data directory in which it works. No file of process ids is
 * believed: it could be old, and an id is given out again.
 *
 * @param handle also remembers when the process began, so a signal never hits a successor of its id
 * @param part the part that it is, or that started it
 * @param isPostgres whether it is a postmaster or one of its children
 */
public record OwnProcess(ProcessHandle handle, String part, boolean isPostgres) {

    private static final Path PROC = Path.of("/proc");

    public long pid() {
        return handle.pid();
    }

    /** All that live now. */
    public static List<OwnProcess> allOf(LocalDirectory directory, LocalPlan plan) {
        return ProcessHandle.allProcesses()
                .flatMap(handle -> recognise(handle, directory, plan).stream())
                .toList();
    }

    /** The process of each part itself, without what it has started. */
    public static List<OwnProcess> partsOf(LocalDirectory directory, LocalPlan plan) {
        List<OwnProcess> all = allOf(directory, plan);
        return all.stream()
                .filter(process -> !process.isPostgres && !process.hasParentAmong(all))
                .toList();
    }

    private boolean hasParentAmong(List<OwnProcess> all) {
        Optional<ProcessHandle> parent = handle.parent();
        return all.stream()
                .anyMatch(other ->
                        other.part.equals(part) && parent.equals(Optional.of(other.handle)));
    }

    private static Optional<OwnProcess> recognise(
            ProcessHandle handle, LocalDirectory directory, LocalPlan plan) {
        Path facts = PROC.resolve(Long.toString(handle.pid()));
        String part = mark(facts, plan.id());
        boolean isPostgres = fileName(link(facts.resolve("exe"))).startsWith("postgres");
        if (part == null && isPostgres) {
            // Children of a postmaster show their title where their environment was.
            part = memberWorkedIn(link(facts.resolve("cwd")), directory, plan);
        }
        return part == null
                ? Optional.empty()
                : Optional.of(new OwnProcess(handle, part, isPostgres));
    }

    private static @Nullable String mark(Path facts, String id) {
        String prefix = PartProcess.MARK + "=" + id + "/";
        try {
            byte[] environment = Files.readAllBytes(facts.resolve("environ"));
            return Stream.of(new String(environment, StandardCharsets.UTF_8).split("\0", -1))
                    .filter(entry -> entry.startsWith(prefix))
                    .map(entry -> entry.substring(prefix.length()))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            // Somebody else's, or gone by now: not ours either way.
            return null;
        }
    }

    private static @Nullable String memberWorkedIn(
            @Nullable Path place, LocalDirectory directory, LocalPlan plan) {
        return plan.shape().memberNames().stream()
                .filter(member -> place != null && place.startsWith(directory.node(member).data()))
                .map(Part::supervisorOf)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Path link(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return null;
        }
    }

    private static String fileName(@Nullable Path path) {
        Path name = path == null ? null : path.getFileName();
        return name == null ? "" : name.toString();
    }
}
