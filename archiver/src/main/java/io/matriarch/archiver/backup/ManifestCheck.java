package io.matriarch.archiver.backup;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.PostgresManifest;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Looks at a manifest as a whole before anything names it: every reference resolves, no two files
 * claim one place, and nothing is missing that a server cannot start without. Holds eight bytes for
 * each file.
 */
final class ManifestCheck {

    private static final String CONTROL = "global/pg_control";

    private static final List<String> INDISPENSABLE =
            List.of("PG_VERSION", "backup_label", PostgresManifest.NAME, CONTROL);

    private static final Pattern CRC = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MOST_TOLD = 5;
    private static final int MOST_HELD = 100;

    private final Set<String> folders = new HashSet<>();
    private final Map<String, Bundle> byName = new HashMap<>();
    private final Set<String> missing = new TreeSet<>(INDISPENSABLE);
    private final List<String> faults = new ArrayList<>();
    private long[] hashes = new long[1_024];
    private int files;

    /** How far a bundle is filled, and whether it makes the rest a data directory. */
    private static final class Bundle {
        private long free;
        private boolean holdsControlFile;
    }

    private ManifestCheck() {}

    /**
     * @param bundles all that were confirmed
     * @throws BackupException if anything does not fit
     */
    static void require(
            FileManifest manifest, List<BackupObject> bundles, List<Tablespace> tablespaces) {
        List<String> faults = faults(manifest, bundles, tablespaces);
        if (!faults.isEmpty()) {
            throw new BackupException(
                    "manifest of the backup: "
                            + String.join(
                                    ", ", faults.subList(0, Math.min(MOST_TOLD, faults.size())))
                            + " (expected: no fault)",
                    "this is an error of this program; nothing was completed");
        }
    }

    /** One phrase each. */
    static List<String> faults(
            FileManifest manifest, List<BackupObject> bundles, List<Tablespace> tablespaces) {
        ManifestCheck check = new ManifestCheck();
        check.bundles(bundles);
        tablespaces.forEach(it -> check.folders.add("pg_tblspc/" + it.oid()));
        manifest.folders().forEach(it -> check.folder(it.path()));
        manifest.files().each(check::file);
        check.twice(manifest.files());
        INDISPENSABLE.stream()
                .filter(check.missing::contains)
                .forEach(path -> check.fault(path + " is missing"));
        check.last(bundles);
        return check.faults;
    }

    /** More than a few tell nothing new. */
    private void fault(String fault) {
        if (faults.size() < MOST_HELD) {
            faults.add(fault);
        }
    }

    private void bundles(List<BackupObject> bundles) {
        for (BackupObject bundle : bundles) {
            if (byName.put(bundle.name(), new Bundle()) != null) {
                fault(bundle.name() + " is listed twice");
            }
            if (bundle.size() <= 0 || !SHA_256.matcher(bundle.sha256()).matches()) {
                fault(bundle.name() + " has no size or digest");
            }
        }
    }

    private void folder(String path) {
        parent(path);
        if (!folders.add(path)) {
            fault(path + " is listed twice");
        }
    }

    private void file(ManifestEntry file) {
        remember(file.path());
        missing.remove(file.path());
        parent(file.path());
        if (!CRC.matcher(file.crc32c()).matches()) {
            fault(file.path() + " has no checksum");
        }
        Bundle bundle = byName.get(file.bundle());
        if (bundle == null) {
            fault(file.path() + " lies in " + file.bundle() + ", which is no bundle");
            return;
        }
        // Each has its own stretch of the tar, behind a header, and is listed in that order.
        if (file.size() < 0 || file.offset() <= bundle.free) {
            fault(file.path() + " has no place of its own in " + file.bundle());
        }
        bundle.free = Math.max(bundle.free, file.offset() + Math.max(0, file.size()));
        bundle.holdsControlFile |= file.path().equals(CONTROL);
    }

    private void remember(String path) {
        if (files == hashes.length) {
            hashes = Arrays.copyOf(hashes, 2 * files);
        }
        hashes[files++] = hash(path);
    }

    /** Of 64 bits: all that is held of a path. */
    private static long hash(String path) {
        return ByteBuffer.wrap(Sha256.newDigest().digest(path.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    /** Only paths whose hashes are the same can be the same. */
    private void twice(FileManifest.Files all) {
        Arrays.sort(hashes, 0, files);
        Set<Long> repeated = new HashSet<>();
        for (int i = 1; i < files; i++) {
            if (hashes[i] == hashes[i - 1]) {
                repeated.add(hashes[i]);
            }
        }
        if (!repeated.isEmpty()) {
            Set<String> seen = new HashSet<>();
            all.each(file -> {
                if (repeated.contains(hash(file.path())) && !seen.add(file.path())) {
                    fault(file.path() + " is listed twice");
                }
            });
        }
    }

    private void parent(String path) {
        int slash = path.lastIndexOf('/');
        if (slash >= 0 && !folders.contains(path.substring(0, slash))) {
            fault(path + " lies in no folder");
        }
    }

    /**
     * Unpacked in the order of their numbers, the bundle that makes it a data directory is the
     * last.
     */
    private void last(List<BackupObject> bundles) {
        bundles.stream()
                .map(BackupObject::name)
                .max(Comparator.comparingInt(RepositoryLayout::bundleNumber))
                .filter(name -> !byName.getOrDefault(name, new Bundle()).holdsControlFile)
                .ifPresent(name -> fault(name + " does not hold " + CONTROL));
    }
}
