package io.matriarch.archiver.bundle;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.IncrementName;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.encryption.Keyring;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/** Tar in zstd, encrypted if it is to be, with a record of what went where. */
public final class BundleWriter implements AutoCloseable {

    /** Gathers the 512-byte records of tar, so that the compressor is called less often. */
    private static final int GATHER_BYTES = 256 << 10;

    /**
     * What one thread of the compressor takes at a time; a few of these for each thread bound its
     * memory.
     */
    private static final int JOB_BYTES = 1 << 20;

    private final TarOwner owner;
    private final DigestStream stored;
    private final ZstdOutputStreamNoFinalizer compressor;
    private final TarArchiveOutputStream tar;
    private final List<ManifestEntry> entries = new ArrayList<>();
    private final List<PageVerification.Suspect> suspects = new ArrayList<>();
    private @Nullable ManifestEntry open;

    /** Begins a bundle that this thread compresses; {@code out} stays open. */
    public BundleWriter(OutputStream out, Keyring keyring, int zstdLevel, TarOwner owner)
            throws IOException {
        this(out, keyring, zstdLevel, 0, owner);
    }

    /**
     * @param workers threads of the compressor's own; with none the caller's thread compresses
     */
    BundleWriter(OutputStream out, Keyring keyring, int zstdLevel, int workers, TarOwner owner)
            throws IOException {
        this.owner = owner;
        this.stored = new DigestStream(out);
        this.compressor = new ZstdOutputStreamNoFinalizer(keyring.encrypting(stored), zstdLevel);
        compressor.setChecksum(true);
        if (workers > 0) {
            compressor.setWorkers(workers).setJobSize(JOB_BYTES);
        }
        this.tar =
                new TarArchiveOutputStream(
                        new BufferedOutputStream(compressor, GATHER_BYTES),
                        StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    public void folder(DataFolder folder) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(folder.path() + "/", TarConstants.LF_DIR);
        put(entry, folder.mode(), Instant.EPOCH);
        tar.closeArchiveEntry();
    }

    /** A small file whose content is at hand. */
    public void file(String path, byte[] content, Instant modified) throws IOException {
        beginFile(path, content.length, "0600", modified);
        write(content, content.length);
        CRC32C crc = new CRC32C();
        crc.update(content);
        endFile(crc);
    }

    /** A file that is at hand as it will stay: {@code size} bytes of {@code content}. */
    public void file(String path, InputStream content, long size, Instant modified)
            throws IOException {
        beginFile(path, size, "0600", modified);
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[GATHER_BYTES];
        for (int length = content.read(buffer); length >= 0; length = content.read(buffer)) {
            crc.update(buffer, 0, length);
            write(buffer, length);
        }
        endFile(crc);
    }

    /** Exactly {@code size} bytes have to follow. */
    void beginFile(String path, long size, String mode, Instant modified) throws IOException {
        begin(path, size, mode, modified, Optional.empty());
    }

    /**
     * The same of what has changed in a file.
     *
     * @param fileSize how many bytes the file has
     */
    void beginIncrement(String path, long size, String mode, Instant modified, long fileSize)
            throws IOException {
        begin(IncrementName.of(path), size, mode, modified, Optional.of(fileSize));
    }

    private void begin(
            String path, long size, String mode, Instant modified, Optional<Long> fileSize)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
        entry.setSize(size);
        put(entry, mode, modified);
        long offset = tar.getBytesWritten();
        open = new ManifestEntry(path, size, mode, modified, "", "", offset, fileSize);
    }

    void write(byte[] bytes, int length) throws IOException {
        tar.write(bytes, 0, length);
    }

    void endFile(CRC32C crc) throws IOException {
        ManifestEntry entry = open;
        if (entry == null) {
            throw new IllegalStateException("no file was begun");
        }
        tar.closeArchiveEntry();
        entries.add(entry.withChecksum(ManifestEntry.text(crc)));
        open = null;
    }

    void addSuspects(List<PageVerification.Suspect> more) {
        suspects.addAll(more);
    }

    /** Writes everything out and tells what the bundle contains. */
    public BundleContent end() throws IOException {
        tar.close();
        return new BundleContent(entries, suspects, stored.count(), stored.sha256Hex());
    }

    private void put(TarArchiveEntry entry, String mode, Instant modified) throws IOException {
        entry.setMode(Integer.parseInt(mode, 8));
        entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(modified.getEpochSecond())));
        entry.setIds(owner.userId(), owner.groupId());
        entry.setNames(owner.user(), owner.group());
        tar.putArchiveEntry(entry);
    }

    /** Frees the compressor; after a failure the tar stays unfinished. */
    @Override
    public void close() throws IOException {
        compressor.close();
    }
}
