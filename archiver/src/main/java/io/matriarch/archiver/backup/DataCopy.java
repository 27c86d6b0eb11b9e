package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.PageVerification;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.Lsn;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What was copied of a data directory: everything but {@code global/pg_control}.
 *
 * @param found what there was to copy
 * @param bundles what the store has confirmed
 * @param reused how many of them an interrupted run had uploaded
 */
record DataCopy(
        DirectoryScan.Found found, TarOwner owner, List<BundleUpload.Stored> bundles, int reused) {

    List<ManifestEntry> files() {
        return bundles.stream().flatMap(bundle -> bundle.entries().stream()).toList();
    }

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
