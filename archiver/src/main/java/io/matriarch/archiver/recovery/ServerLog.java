package io.matriarch.archiver.recovery;

import io.matriarch.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a restored server says, in PostgreSQL's untranslated words. */
final class ServerLog {

    private static final Pattern REDO_DONE = Pattern.compile("redo done at ([0-9A-F]+/[0-9A-F]+)");

    /** How {@code xlogreader.c} begins what it says of a record or page that it cannot take. */
    private static final Pattern UNREADABLE =
            Pattern.compile(
                    "LOG: +((?:invalid|incorrect|unexpected|out-of-(?:sequence|order)|record with|"
                            + "there is no contrecord|missing contrecord|WAL file is from|"
                            + "could not (?:restore|decompress) image).*)");

    /** {@code RecoveryRequiresIntParameter} in PostgreSQL's source. */
    private static final Pattern SHORTAGE =
            Pattern.compile(
                    "(max_connections|max_worker_processes|max_wal_senders"
                            + "|max_prepared_transactions|max_locks_per_transaction) = (\\d+) is a"
                            + " lower setting than on the primary server, where its value was"
                            + " (\\d+)");

    /**
     * A setting with which replay cannot go on.
     *
     * @param needed what the cluster had
     */
    record Shortage(String setting, int found, int needed) {}

    private final Path file;

    ServerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** What went wrong. */
    List<String> complaints() {
        return lines().stream()
                .filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                .filter(line -> !line.contains("starting up"))
                .filter(line -> !line.contains("not yet accepting connections"))
                .map(line -> line.substring(line.indexOf(": ") + 2).strip())
                .toList();
    }

    boolean isShutDown() {
        return lines().stream().anyMatch(line -> line.endsWith("database system is shut down"));
    }

    /** Why the log could not be read further; empty if it does not say. */
    Optional<String> unreadable() {
        return groups(UNREADABLE).reduce((first, second) -> second);
    }

    /** Where the last replayed record begins; empty if replay is not over. */
    Optional<Lsn> replayed() {
        return groups(REDO_DONE).reduce((first, second) -> second).map(Lsn::parse);
    }

    /** Why replay has paused or the server stopped, if that is the reason. */
    Optional<Shortage> shortage() {
        return lines().stream()
                .map(SHORTAGE::matcher)
                .filter(Matcher::find)
                .map(it ->
                        new Shortage(
                                it.group(1),
                                Integer.parseInt(it.group(2)),
                                Integer.parseInt(it.group(3))))
                .reduce((first, second) -> second);
    }

    /** Whether replay has met its target, and waits to be let go. */
    boolean isPausedAtTarget() {
        return lines().stream().anyMatch(line -> line.contains("pausing at the end of recovery"));
    }

    private Stream<String> groups(Pattern pattern) {
        return lines().stream().map(pattern::matcher).filter(Matcher::find).map(it -> it.group(1));
    }

    private List<String> lines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of("FATAL: its log cannot be read: " + e.getMessage());
        }
    }
}
