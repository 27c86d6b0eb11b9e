package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The epochs that a repository has seen: each writer leaves a mark before its first push, and
 * pushes no more once it finds the mark of a later epoch. One small object for each change of
 * primary, never changed; a writer that was stopped for a while finds out by one listing. May be
 * asked by any number of threads; one listing answers all.
 *
 * <p>Between look and push another writer may still begin. What is pushed then is create-only, and
 * equal or refused: marks keep a deposed writer from going on, not from one last segment.
 */
final class EpochMarks {

    /** How long a look holds good. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** The content of a mark, for people. */
    public record Mark(long epoch, String writer, Instant created) {}

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final String writer;
    private Optional<WriterEpoch> passed = Optional.empty();
    private long passedAt;

    EpochMarks(ObjectStore store, RepositoryLayout layout, String writer) {
        this.store = store;
        this.layout = layout;
        this.writer = writer;
    }

    /** The later epoch that forbids pushing under this one; empty if there is none. */
    synchronized Optional<WriterEpoch> laterThan(WriterEpoch epoch) {
        boolean isFresh = System.nanoTime() - passedAt < FRESH.toNanos();
        if (isFresh && passed.equals(Optional.of(epoch))) {
            return Optional.empty();
        }
        Optional<WriterEpoch> highest = highest();
        if (highest.isPresent() && highest.get().isAfter(epoch)) {
            return highest;
        }
        if (!highest.equals(Optional.of(epoch))) {
            Mark mark = new Mark(epoch.value(), writer, Instant.now());
            store.putIfAbsent(
                    layout.epoch(epoch.value()),
                    Body.of(RepositoryJson.write(mark)),
                    Metadata.NONE);
        }
        passed = Optional.of(epoch);
        passedAt = System.nanoTime();
        return Optional.empty();
    }

    private Optional<WriterEpoch> highest() {
        List<ListedObject> marks = store.list(layout.epochFolder());
        return marks.stream()
                .map(mark -> mark.key().substring(layout.epochFolder().length()))
                .filter(name -> name.matches("[0-9]{20}\\.json"))
                .map(name -> new WriterEpoch(Long.parseLong(name.substring(0, 20))))
                .max(Comparator.naturalOrder());
    }
}
