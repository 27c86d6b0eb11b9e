package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.repository.RepositoryLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a backup consists of, proven against {@code backup.json}.
 *
 * @param bundles what each object holds
 */
record BackupContents(FileManifest manifest, Map<BackupObject, List<ManifestEntry>> bundles) {

    static BackupContents read(Download download, RepositoryLayout layout, BaseBackup backup) {
        Map<String, BackupObject> objects = new HashMap<>();
        backup.objects().forEach(object -> objects.put(object.name(), object));
        FileManifest manifest = manifest(download, layout, backup, objects);
        return new BackupContents(manifest, bundles(manifest, backup, objects));
    }

    private static FileManifest manifest(
            Download download,
            RepositoryLayout layout,
            BaseBackup backup,
            Map<String, BackupObject> objects) {
        String key = layout.manifest(backup.id());
        BackupObject object = objects.get(FileManifest.NAME);
        if (object == null) {
            throw new RestoreException(
                    "backup " + backup.id() + " names no " + FileManifest.NAME,
                    "restore from another backup");
        }
        byte[] bytes = download.read(key, stored -> stored.readAllBytes());
        if (bytes.length != object.size()) {
            throw Download.damaged(
                    key, bytes.length + " bytes (expected: " + object.size() + ")", null);
        }
        String found = Sha256.hex(bytes);
        if (!found.equals(object.sha256())) {
            throw Download.damaged(
                    key, "SHA-256 " + found + " (expected: " + object.sha256() + ")", null);
        }
        try {
            return FileManifest.parse(bytes);
        } catch (IOException e) {
            throw Download.damaged(key, String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<BackupObject, List<ManifestEntry>> bundles(
            FileManifest manifest, BaseBackup backup, Map<String, BackupObject> objects) {
        Map<BackupObject, List<ManifestEntry>> bundles = new HashMap<>();
        for (ManifestEntry entry : manifest.files()) {
            BackupObject object = objects.get(entry.bundle());
            if (object == null) {
                throw new RestoreException(
                        "manifest of backup "
                                + backup.id()
                                + ": "
                                + entry.path()
                                + " lies in "
                                + entry.bundle()
                                + ", which the backup does not name",
                        "restore from another backup");
            }
            bundles.computeIfAbsent(object, _ -> new ArrayList<>()).add(entry);
        }
        return bundles;
    }
}
