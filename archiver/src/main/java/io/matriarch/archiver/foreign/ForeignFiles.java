package io.matriarch.archiver.foreign;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.foreign.ForeignBackup.Link;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.restore.RestoreSource;
import io.matriarch.archiver.restore.RestoredFiles;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of a backup of WAL-E or WAL-G, as far as anything is known of them beforehand. */
final class ForeignFiles implements RestoreSource.BackupFiles {

    /** Neither tool need have put them in; a server makes only some of them itself. */
    private static final List<DataFolder> USUAL =
            Stream.of(
                            "base",
                            "global",
                            "pg_commit_ts",
                            "pg_dynshmem",
                            "pg_logical",
                            "pg_logical/mappings",
                            "pg_logical/snapshots",
                            "pg_multixact",
                            "pg_multixact/members",
                            "pg_multixact/offsets",
                            "pg_notify",
                            "pg_replslot",
                            "pg_serial",
                            "pg_snapshots",
                            "pg_stat",
                            "pg_stat_tmp",
                            "pg_subtrans",
                            "pg_twophase",
                            "pg_xact")
                    .map(path -> new DataFolder(path, "0700"))
                    .toList();

    private final ForeignReading reading;
    private final ForeignBackup backup;
    private final Optional<FileStates> states;
    private @Nullable ForeignUnpacking unpacking;

    private ForeignFiles(
            ForeignReading reading, ForeignBackup backup, Optional<FileStates> states) {
        this.reading = reading;
        this.backup = backup;
        this.states = states;
    }

    /**
     * Reads the lists of files, if there are any, and compares them with the tars that are there.
     *
     * @throws RestoreException if something is missing
     */
    static ForeignFiles open(ForeignReading reading, ForeignBackup backup) {
        boolean isListed =
                backup.last().sentinel().files() != Sentinel.FileList.NONE
                        || backup.chain().size() > 1;
        Optional<FileStates> states =
                isListed ? Optional.of(FileStates.read(reading, backup.chain())) : Optional.empty();
        for (int level = 0; level < backup.chain().size(); level++) {
            Link link = backup.chain().get(level);
            int number = level;
            Set<String> named = states.map(it -> it.tars(number)).orElse(Set.of());
            Optional<String> lacking =
                    named.isEmpty()
                            ? link.parts().gap(link.sentinel().isOfWalE() ? 0 : 1)
                            : named.stream()
                                    .filter(tar -> !link.parts().objects().containsKey(tar))
                                    .sorted()
                                    .findFirst()
                                    .map(tar -> "tar_partitions/" + tar + " is missing");
            if (lacking.isPresent()) {
                throw new RestoreException(
                        "backup " + link.id() + ": " + lacking.get(),
                        "put it back from another copy of the repository, or name another backup"
                                + " with --backup; nothing was changed");
            }
        }
        return new ForeignFiles(reading, backup, states);
    }

    @Override
    public List<DataFolder> folders() {
        ForeignUnpacking known = unpacking;
        return known == null
                ? USUAL
                : Stream.concat(USUAL.stream(), known.made().stream()).distinct().toList();
    }

    /** How much lies in a tablespace is not known. */
    @Override
    public void eachFile(RestoreSource.SizedFile seen) {
        seen.see("base", bytes());
    }

    @Override
    public long fileCount() {
        ForeignUnpacking known = unpacking;
        return known == null ? 0 : known.fileCount();
    }

    @Override
    public long bytes() {
        ForeignUnpacking known = unpacking;
        return known == null ? backup.described().totals().bytes() : known.bytes();
    }

    /** Nothing is compared: what an earlier run has brought is brought again. */
    @Override
    public RestoreSource.Unpacking unpacking(
            RestoredFiles files, boolean isCompared, TransferProgress progress) {
        ForeignUnpacking begun = new ForeignUnpacking(reading, backup, states, files, progress);
        unpacking = begun;
        return begun;
    }

    @Override
    public void close() {
        // All that is held is in memory.
    }
}
