package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.SegmentRange;
import java.util.List;
import java.util.stream.Stream;

/**
 * A verdict on everything.
 *
 * @param verdicts backups, oldest first, then garbage, then WAL
 */
public record RetentionPlan(List<Verdict> verdicts) {

    public RetentionPlan {
        verdicts = List.copyOf(verdicts);
    }

    /** Backups that stay. */
    public List<BaseBackup> kept() {
        return backups(true).toList();
    }

    /** Backups that go. */
    public List<BaseBackup> deleted() {
        return backups(false).toList();
    }

    /** Folders of unfinished backups that go. */
    public List<BackupId> garbage() {
        return verdicts.stream()
                .filter(verdict -> !verdict.isKept())
                .flatMap(verdict ->
                        switch (verdict) {
                            case Verdict.OnGarbage it -> Stream.of(it.folder());
                            case Verdict.OnBackup _, Verdict.OnWal _ -> Stream.empty();
                        })
                .toList();
    }

    /** WAL that goes. */
    public List<SegmentRange> wal() {
        return verdicts.stream()
                .filter(verdict -> !verdict.isKept())
                .flatMap(verdict ->
                        switch (verdict) {
                            case Verdict.OnWal it -> Stream.of(it.segments());
                            case Verdict.OnBackup _, Verdict.OnGarbage _ -> Stream.empty();
                        })
                .toList();
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return verdicts.stream().allMatch(Verdict::isKept);
    }

    private Stream<BaseBackup> backups(boolean kept) {
        return verdicts.stream()
                .filter(verdict -> verdict.isKept() == kept)
                .flatMap(verdict ->
                        switch (verdict) {
                            case Verdict.OnBackup it -> Stream.of(it.backup());
                            case Verdict.OnGarbage _, Verdict.OnWal _ -> Stream.empty();
                        });
    }
}
