package io.matriarch.archiver.bundle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which files go into which bundle. Files of a full bundle's size are bundles of their own and come
 * first, so that no long piece of work is left for the end; the rest is filled up in the order of
 * paths, which keeps what is restored together in one object.
 */
public final class BundlePacking {

    /** Many empty files must not make an endless bundle. */
    private static final int MOST_FILES = 20_000;

    private BundlePacking() {}

    /** In the order in which work on them should begin. */
    public static List<List<DataFile>> pack(List<DataFile> files, long bundleBytes) {
        List<List<DataFile>> bundles = new ArrayList<>();
        files.stream()
                .filter(file -> file.size() >= bundleBytes)
                .sorted(Comparator.comparingLong(DataFile::size).reversed())
                .forEach(file -> bundles.add(List.of(file)));
        List<DataFile> open = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : files) {
            if (file.size() >= bundleBytes) {
                continue;
            }
            if (!open.isEmpty()
                    && (bytes + file.size() > bundleBytes || open.size() == MOST_FILES)) {
                bundles.add(List.copyOf(open));
                open.clear();
                bytes = 0;
            }
            open.add(file);
            bytes += file.size();
        }
        if (!open.isEmpty()) {
            bundles.add(List.copyOf(open));
        }
        return bundles;
    }
}
