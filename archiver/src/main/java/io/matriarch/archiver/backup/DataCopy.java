package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.PageVerification;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.host.ScratchList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What was copied of a data directory: everything but {@code global/pg_control}.
 *
 * @param found what there was to copy
 * @param bundles what the store has confirmed
 * @param files in all these bundles
 * @param reused how many of the bundles an interrupted run had uploaded
 */
record DataCopy(
        DirectoryScan.Found found,
        TarOwner owner,
        List<Bundle> bundles,
        ScratchList<ManifestEntry> files,
        int reused) {

    /** A bundle, without the files in it. */
    record Bundle(BackupObject object, List<PageVerification.Suspect> suspects) {}

    /** Pages that replay between the two positions will not repair. */
    List<CorruptPages> corruptPages(Lsn start, Lsn stop) {
        Map<String, List<Long>> blocks =
                bundles.stream()
                        .flatMap(bundle -> bundle.suspects().stream())
                        .filter(suspect -> suspect.isCorrupt(start, stop))
                        .collect(
                                Collectors.groupingBy(
                                        PageVerification.Suspect::path,
                                        TreeMap::new,
                                        Collectors.mapping(
                                                PageVerification.Suspect::block,
                                                Collectors.toList())));
        return blocks.entrySet().stream()
                .map(entry -> new CorruptPages(entry.getKey(), entry.getValue()))
                .toList();
    }
}
