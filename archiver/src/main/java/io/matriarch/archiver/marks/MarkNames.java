package io.matriarch.archiver.marks;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import java.util.Set;
import java.util.TreeSet;

/** The folders of pins and of tombstones: one object for each backup, named after it. */
final class MarkNames {

    private MarkNames() {}

    /** The backups that have a mark in a folder. */
    static Set<BackupId> in(ObjectStore store, String folder) {
        Set<BackupId> backups = new TreeSet<>();
        for (ListedObject object : store.list(folder)) {
            String name = object.key().substring(folder.length());
            if (name.endsWith(RepositoryLayout.MARK)) {
                try {
                    backups.add(
                            BackupId.parse(
                                    name.substring(
                                            0, name.length() - RepositoryLayout.MARK.length())));
                } catch (IllegalArgumentException stranger) {
                    // Nothing of ours.
                }
            }
        }
        return backups;
    }
}
