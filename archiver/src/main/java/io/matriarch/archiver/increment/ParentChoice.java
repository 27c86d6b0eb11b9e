package io.matriarch.archiver.increment;

import io.matriarch.archiver.catalogue.BackupChain;
import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which backup a new one is incremental to. In any doubt it is a full one: nothing is lost by that
 * but room.
 */
public sealed interface ParentChoice {

    /** A chain is not made longer than this, whatever its age. */
    int MOST = 64;

    /**
     * A full backup is taken.
     *
     * @param reason why; empty if nothing else was asked for
     */
    record Full(String reason) implements ParentChoice {}

    /** An incremental one is, to the last of a chain. */
    record Incremental(BackupChain chain) implements ParentChoice {

        public BaseBackup parent() {
            return chain.last();
        }
    }

    /**
     * What a new backup will be taken from.
     *
     * @param timeline that the data directory is on
     * @param hasUsualBlocks whether the server was built with pages of 8 KB and files of 1 GB
     * @param now of the server's clock
     */
    record Occasion(
            BackupServer server, TimelineId timeline, boolean hasUsualBlocks, Instant now) {}

    /**
     * Decides.
     *
     * @param backups complete ones
     */
    static ParentChoice of(IncrementPolicy policy, Occasion occasion, List<BaseBackup> backups) {
        if (!policy.isIncremental()) {
            return new Full("");
        }
        if (!occasion.server().datesPages()) {
            return new Full(
                    "neither data_checksums nor wal_log_hints is on, so that not every change of a"
                            + " page shows in it");
        }
        if (!occasion.hasUsualBlocks()) {
            return new Full("the server was not built with pages of 8 KB and files of 1 GB");
        }
        Optional<BaseBackup> newest =
                backups.stream()
                        .max(
                                Comparator.comparing(BaseBackup::stopTime)
                                        .thenComparing(BaseBackup::id));
        if (newest.isEmpty()) {
            return new Full("there is no backup yet");
        }
        Optional<String> doubt = doubt(newest.get(), occasion);
        if (doubt.isPresent()) {
            return new Full(doubt.get());
        }
        return switch (BackupChain.of(newest.get(), backups)) {
            case BackupChain.Search.Broken(var _, var reason) -> new Full(reason);
            case BackupChain.Search.Whole(var chain) ->
                    tooOld(chain, policy.fullEvery(), occasion.now())
                            .<ParentChoice>map(Full::new)
                            .orElseGet(() -> new Incremental(chain));
        };
    }

    private static Optional<String> doubt(BaseBackup parent, Occasion occasion) {
        BackupServer then = parent.server();
        BackupServer now = occasion.server();
        String doubt = null;
        if (!parent.wal().timeline().equals(occasion.timeline())) {
            doubt =
                    "is on timeline %s, the server on %s"
                            .formatted(parent.wal().timeline(), occasion.timeline());
        } else if (major(then) != major(now)) {
            doubt = "is of PostgreSQL %d, the server of %d".formatted(major(then), major(now));
        } else if (then.hasChecksums() != now.hasChecksums()) {
            doubt = "and the server differ in data_checksums";
        } else if (!then.datesPages()) {
            doubt = "was taken when wal_log_hints was off, or perhaps was";
        } else if (!then.walSegmentSize().equals(now.walSegmentSize())) {
            doubt = "and the server differ in wal_segment_size";
        }
        return Optional.ofNullable(doubt)
                .map(it -> "the newest backup, " + parent.id() + ", " + it);
    }

    private static int major(BackupServer server) {
        return new PostgresVersion(server.version()).major();
    }

    private static Optional<String> tooOld(BackupChain chain, Duration fullEvery, Instant now) {
        BaseBackup full = chain.full();
        if (!full.wal().startTime().plus(fullEvery).isAfter(now)) {
            return Optional.of(
                    "the last full backup, %s, is of %s"
                            .formatted(full.id(), full.wal().startTime()));
        }
        return chain.backups().size() >= MOST
                ? Optional.of(
                        "the last full backup, %s, has %d incremental ones already"
                                .formatted(full.id(), chain.backups().size() - 1))
                : Optional.empty();
    }
}
