package io.matriarch.archiver.bundle;

import io.matriarch.postgres.host.ScratchList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which files go into which bundle. Files of a full bundle's size are bundles of their own and come
 * first, so that no long piece of work is left for the end; the rest is filled up in the order of
 * paths, which keeps what is restored together in one object.
 */
public final class BundlePacking {

    /** The files of a bundle are held in memory while it is made. */
    static final int MOST_FILES = 4_000;

    private final long bundleBytes;
    private final ScratchList<DataFile> small;
    private final List<DataFile> big = new ArrayList<>();
    private final List<ScratchList.Run> full = new ArrayList<>();
    private Optional<ScratchList.Run> open = Optional.empty();
    private long openBytes;

    /**
     * @param small empty; holds the files that share a bundle with others
     */
    public BundlePacking(long bundleBytes, ScratchList<DataFile> small) {
        this.bundleBytes = bundleBytes;
        this.small = small;
    }

    /** Adds the next file. */
    public void add(DataFile file) {
        if (file.size() >= bundleBytes) {
            big.add(file);
            return;
        }
        if (open.isPresent()
                && (openBytes + file.size() > bundleBytes || open.get().count() == MOST_FILES)) {
            full.add(open.get());
            open = Optional.empty();
            openBytes = 0;
        }
        ScratchList.Run alone = small.add(file);
        open = Optional.of(open.map(ScratchList.Run::withNext).orElse(alone));
        openBytes += file.size();
    }

    /** The files of each bundle, in the order in which work on them should begin. */
    public List<Supplier<List<DataFile>>> bundles() {
        open.ifPresent(full::add);
        open = Optional.empty();
        List<Supplier<List<DataFile>>> bundles = new ArrayList<>();
        big.stream()
                .sorted(Comparator.comparingLong(DataFile::size).reversed())
                .forEach(file -> bundles.add(() -> List.of(file)));
        full.forEach(run -> bundles.add(() -> small.read(run)));
        return bundles;
    }
}
