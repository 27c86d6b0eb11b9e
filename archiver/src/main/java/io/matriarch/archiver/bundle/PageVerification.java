package io.matriarch.archiver.bundle;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.datadir.PageChecksum;
import io.matriarch.postgres.datadir.RelationFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the checksums of one relation file's pages while they are copied. The server writes
 * while we read, so a page may be caught half written: it is read again a few times. A page that
 * stays wrong may still be fine, if it was changed since the backup began: replay then puts a full
 * image of it in place. Whether that can be so is judged by its position at the end of the backup.
 */
public final class PageVerification {

    private static final int PAGE = PageChecksum.PAGE_BYTES;
    private static final int TRIES = 5;
    private static final long PAUSE_MILLIS = 20;

    /** A page with a wrong checksum, and the position that it claims to be changed at. */
    public record Suspect(String path, long block, Lsn lsn) {

        /** Whether replay from {@code start} to {@code stop} cannot be what repairs this page. */
        public boolean isCorrupt(Lsn start, Lsn stop) {
            return !lsn.isAfter(start) || lsn.isAfter(stop);
        }
    }

    private final String path;
    private final long firstBlock;
    private final List<Suspect> suspects = new ArrayList<>();

    private PageVerification(String path, long firstBlock) {
        this.path = path;
        this.firstBlock = firstBlock;
    }

    /** Empty if the file's pages carry no checksums: only relations have pages. */
    static Optional<PageVerification> of(DataFile file) {
        if (!file.isInDatabase()) {
            return Optional.empty();
        }
        return RelationFile.parse(file.name())
                .map(relation -> new PageVerification(file.path(), relation.firstBlock()));
    }

    /**
     * Looks at the whole pages among {@code length} bytes that were read at {@code position}, a
     * multiple of the page size. A page read better the second time replaces the first reading.
     */
    void verify(FileChannel file, byte[] bytes, int length, long position) throws IOException {
        for (int at = 0; at + PAGE <= length; at += PAGE) {
            long block = firstBlock + (position + at) / PAGE;
            if (!PageChecksum.isValid(bytes, at, block)
                    && !readAgain(file, bytes, at, position + at, block)) {
                suspects.add(new Suspect(path, block, PageChecksum.lsn(bytes, at)));
            }
        }
    }

    /** The number of a suspect page within the file. */
    long blockInFile(Suspect suspect) {
        return suspect.block() - firstBlock;
    }

    List<Suspect> suspects() {
        return List.copyOf(suspects);
    }

    private static boolean readAgain(
            FileChannel file, byte[] bytes, int at, long position, long block) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            pause();
            byte[] page = new byte[PAGE];
            if (BundleBody.read(file, page, PAGE, position) < PAGE) {
                // Truncated meanwhile: replay truncates it too.
                return true;
            }
            if (PageChecksum.isValid(page, 0, block)) {
                System.arraycopy(page, 0, bytes, at, PAGE);
                return true;
            }
        }
        return false;
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading a page again");
        }
    }
}
