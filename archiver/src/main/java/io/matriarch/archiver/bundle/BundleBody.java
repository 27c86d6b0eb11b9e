package io.matriarch.archiver.bundle;

import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileMode;
import io.matriarch.archiver.increment.IncrementHead;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes directories and files of a running server as a tar in zstd. Memory is one read buffer and
 * one compressor with its threads, whatever the size of the files.
 *
 * <p>The server goes on writing: each writing of this body may have other bytes. What the last
 * complete one contained is in {@link #content}. A file that has vanished is left out; one that
 * shrinks while it is read is filled up with zeros, and one that grows is cut at the length it had
 * when it was opened. Replay of the WAL written meanwhile puts all of this right.
 */
public final class BundleBody implements BundleUpload.Bundle {

    /** A multiple of the page size. */
    private static final int BUFFER_BYTES = 256 << 10;

    /**
     * From this size on one file keeps its thread busy so long that the others would have nothing
     * left to do: several threads compress it.
     */
    private static final long BIG = 32L << 20;

    private final BundleSource source;
    private final List<DataFolder> folders;
    private final List<DataFile> files;
    private @Nullable BundleContent content;

    public BundleBody(BundleSource source, List<DataFolder> folders, List<DataFile> files) {
        this.source = source;
        this.folders = folders;
        this.files = files;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        content = null;
        int workers = isBig() ? source.threads().take() : 0;
        try (BundleWriter writer =
                new BundleWriter(
                        out, source.keyring(), source.zstdLevel(), workers, source.owner())) {
            for (DataFolder folder : folders) {
                writer.folder(folder);
            }
            byte[] buffer = new byte[BUFFER_BYTES];
            for (DataFile file : files) {
                copy(file, writer, buffer);
            }
            content = writer.end();
        } finally {
            source.threads().giveBack(workers);
        }
    }

    private boolean isBig() {
        return files.size() == 1 && files.getFirst().size() >= BIG;
    }

    @Override
    public BundleContent content() {
        if (content == null) {
            throw new IllegalStateException("a bundle was confirmed that was never written whole");
        }
        return content;
    }

    private void copy(DataFile file, BundleWriter writer, byte[] buffer) throws IOException {
        Path path = source.root().resolve(file.path());
        PosixFileAttributes attributes;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            attributes = Files.readAttributes(path, PosixFileAttributes.class);
            long size = channel.size();
            Instant modified = attributes.lastModifiedTime().toInstant();
            String mode = FileMode.of(attributes);
            ChangedPages pages = new ChangedPages(source, file, channel, buffer);
            Optional<IncrementHead> changed = pages.find(size);
            if (changed.isPresent()) {
                long increment = changed.get().increment();
                writer.beginIncrement(file.path(), increment, mode, modified, size);
                pages.write(changed.get(), writer);
            } else {
                writer.beginFile(file.path(), size, mode, modified);
                copy(file, channel, size, writer, buffer);
            }
        } catch (NoSuchFileException vanished) {
            // Dropped since the scan: replay would drop it.
            return;
        }
    }

    private void copy(
            DataFile file, FileChannel channel, long size, BundleWriter writer, byte[] buffer)
            throws IOException {
        Optional<PageVerification> pages =
                source.verifiesPages() ? PageVerification.of(file) : Optional.empty();
        CRC32C crc = new CRC32C();
        for (long at = 0; at < size; ) {
            int wanted = (int) Math.min(buffer.length, size - at);
            int length = read(channel, buffer, wanted, at);
            if (pages.isPresent()) {
                pages.get().verify(channel, buffer, length, at);
            }
            Arrays.fill(buffer, length, wanted, (byte) 0);
            crc.update(buffer, 0, wanted);
            writer.write(buffer, wanted);
            source.bytesRead().onBytes(wanted);
            at += wanted;
        }
        writer.endFile(crc);
        pages.ifPresent(it -> writer.addSuspects(it.suspects()));
    }

    /** Reads up to {@code wanted} bytes; fewer only where the file ends. */
    static int read(FileChannel channel, byte[] buffer, int wanted, long position)
            throws IOException {
        ByteBuffer into = ByteBuffer.wrap(buffer, 0, wanted);
        while (into.hasRemaining()) {
            if (channel.read(into, position + into.position()) < 0) {
                break;
            }
        }
        return into.position();
    }
}
