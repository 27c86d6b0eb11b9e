package io.matriarch.archiver.verification;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.SegmentRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbered objects that are there, without a gap.
 *
 * @param first of their numbers
 * @param last of their numbers, included
 */
record Stock(String folder, long first, long last) {

    long count() {
        return last - first + 1;
    }

    /** Whether these are segments. */
    boolean isOfTheLog() {
        return RepositoryLayout.isWalName(folder);
    }

    boolean has(Numbered object) {
        return object.folder().equals(folder)
                && first <= object.number()
                && object.number() <= last;
    }

    /** All that an archive has, the newest first: backups, then the log of each timeline. */
    static List<Stock> of(ArchiveFacts facts) {
        List<Stock> all = new ArrayList<>();
        for (BaseBackup backup : facts.backups().reversed()) {
            String folder = RepositoryLayout.backupName(backup.id());
            long[] bundles =
                    backup.objects().stream()
                            .map(BackupObject::name)
                            .mapToLong(RepositoryLayout::bundleNumber)
                            .filter(number -> number >= 0)
                            .sorted()
                            .toArray();
            all.addAll(runs(folder, bundles));
        }
        facts.wal()
                .ranges()
                .reversed()
                .forEach((timeline, ranges) ->
                        ranges.reversed().stream()
                                .map(range -> of(RepositoryLayout.walName(timeline), range))
                                .forEach(all::add));
        return List.copyOf(all);
    }

    private static Stock of(String folder, SegmentRange range) {
        return new Stock(folder, range.first().number(), range.last().number());
    }

    private static List<Stock> runs(String folder, long[] numbers) {
        List<Stock> runs = new ArrayList<>();
        for (long number : numbers) {
            Stock before = runs.isEmpty() ? null : runs.getLast();
            if (before != null && before.last() + 1 == number) {
                runs.removeLast();
                runs.add(new Stock(folder, before.first(), number));
            } else {
                runs.add(new Stock(folder, number, number));
            }
        }
        return runs;
    }
}
