package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.postgres.datadir.RelationFile;
import java.util.Set;

/**
 * What a base backup leaves out: state that a server makes anew when it starts, and files that
 * belong to the running server and not to its data (PostgreSQL manual, "The pg_basebackup
 * Protocol").
 */
final class Exclusions {

    private static final Set<String> FOLDERS_KEPT_EMPTY =
            Set.of(
                    "pg_wal",
                    "pg_wal/archive_status",
                    "pg_wal/summaries",
                    "pg_replslot",
                    "pg_dynshmem",
                    "pg_notify",
                    "pg_serial",
                    "pg_snapshots",
                    "pg_stat_tmp",
                    "pg_subtrans");

    private static final Set<String> FILES =
            Set.of(
                    "postmaster.pid",
                    "postmaster.opts",
                    "backup_label",
                    "backup_label.old",
                    "tablespace_map",
                    "tablespace_map.old",
                    "backup_manifest",
                    "standby.signal",
                    "recovery.signal",
                    "promote",
                    "postgresql.auto.conf.tmp",
                    "current_logfiles.tmp");

    private Exclusions() {}

    /** A directory that is recreated without its content. */
    static boolean isKeptEmpty(String folder) {
        return FOLDERS_KEPT_EMPTY.contains(folder);
    }

    /** A file or directory that leaves no trace, going by its path alone. */
    static boolean isLeftOut(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return FILES.contains(path)
                || name.startsWith("pgsql_tmp")
                || name.startsWith("pg_internal.init")
                || (RelationFile.isTemporary(name) && new DataFile(path, 0).isInDatabase())
                || (name.startsWith(".matriarch-") && name.endsWith(".tmp"))
                || path.equals("global/pg_control");
    }
}
