package io.matriarch.archiver.backup;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Looks at a manifest as a whole before anything names it: every reference resolves, no two files
 * claim one place, and nothing is missing that a server cannot start without.
 */
final class ManifestCheck {

    private static final List<String> INDISPENSABLE =
            List.of("PG_VERSION", "backup_label", PostgresManifest.NAME, "global/pg_control");

    private static final Pattern CRC = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MOST_TOLD = 5;

    private final Set<String> folders = new HashSet<>();
    private final Map<String, List<ManifestEntry>> byBundle = new HashMap<>();
    private final List<String> faults = new ArrayList<>();

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
        Set<String> paths = new HashSet<>();
        for (ManifestEntry file : manifest.files()) {
            if (!paths.add(file.path())) {
                check.faults.add(file.path() + " is listed twice");
            }
            check.file(file);
        }
        INDISPENSABLE.stream()
                .filter(path -> !paths.contains(path))
                .forEach(path -> check.faults.add(path + " is missing"));
        check.byBundle.values().forEach(check::places);
        check.last(bundles);
        return check.faults;
    }

    private void bundles(List<BackupObject> bundles) {
        for (BackupObject bundle : bundles) {
            if (byBundle.put(bundle.name(), new ArrayList<>()) != null) {
                faults.add(bundle.name() + " is listed twice");
            }
            if (bundle.size() <= 0 || !SHA_256.matcher(bundle.sha256()).matches()) {
                faults.add(bundle.name() + " has no size or digest");
            }
        }
    }

    private void folder(String path) {
        parent(path);
        if (!folders.add(path)) {
            faults.add(path + " is listed twice");
        }
    }

    private void file(ManifestEntry file) {
        parent(file.path());
        if (!CRC.matcher(file.crc32c()).matches()) {
            faults.add(file.path() + " has no checksum");
        }
        List<ManifestEntry> neighbours = byBundle.get(file.bundle());
        if (neighbours == null) {
            faults.add(file.path() + " lies in " + file.bundle() + ", which is no bundle");
        } else {
            neighbours.add(file);
        }
    }

    private void parent(String path) {
        int slash = path.lastIndexOf('/');
        if (slash >= 0 && !folders.contains(path.substring(0, slash))) {
            faults.add(path + " lies in no folder");
        }
    }

    /** Each file has its own stretch of the tar, behind a header. */
    private void places(List<ManifestEntry> files) {
        files.sort(Comparator.comparingLong(ManifestEntry::offset));
        long free = 0;
        for (ManifestEntry file : files) {
            if (file.size() < 0 || file.offset() <= free) {
                faults.add(file.path() + " has no place of its own in " + file.bundle());
            }
            free = file.offset() + Math.max(0, file.size());
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
                .filter(name ->
                        byBundle.getOrDefault(name, List.of()).stream()
                                .noneMatch(file -> file.path().equals("global/pg_control")))
                .ifPresent(name -> faults.add(name + " does not hold global/pg_control"));
    }
}
