package io.matriarch.archiver.restore;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.planning.NeededObjects;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.readback.RestoreException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Where a restore takes a backup and its log from: a repository, or what another tool has left. */
public interface RestoreSource {

    /** What a plan needs and cannot have at once, going by a listing. */
    NeededObjects needed(RestorePlan plan);

    /**
     * The files of a plan's backup.
     *
     * @throws RestoreException if it can be seen already that they are not whole
     */
    BackupFiles files(RestorePlan plan);

    /** The log of a plan. */
    ArchivedWal wal(RestorePlan plan);

    /**
     * Why a directory cannot be gone over file by file; empty if each file's checksum is known
     * beforehand.
     */
    List<String> againstDelta();

    /** What a backup consists of. */
    interface BackupFiles extends AutoCloseable {

        /** Parents before children; there may be more when all is unpacked. */
        List<DataFolder> folders();

        /** Shows what takes room, as exactly as it is known. */
        void eachFile(SizedFile seen);

        long fileCount();

        long bytes();

        /**
         * Its way into a directory.
         *
         * @param isCompared whether files that are in place already, and right, stay
         */
        Unpacking unpacking(RestoredFiles files, boolean isCompared, TransferProgress progress);

        @Override
        void close();
    }

    /** Hears of a file, and how long it is. */
    @FunctionalInterface
    interface SizedFile {
        void see(String path, long size);
    }

    /** A backup's files on their way into the directory. */
    interface Unpacking {

        /** What is to be done, stage after stage, and within a stage in any order. */
        List<List<Callable<String>>> stages();

        /**
         * Adds what is still missing when all of that is done.
         *
         * @throws RestoreException if not all came that should have
         */
        void finish() throws IOException;

        /** What has not been written: it makes the directory one that a server starts from. */
        Map<String, byte[]> held();

        RestoreReport.Transfer transfer(long removed);
    }
}
