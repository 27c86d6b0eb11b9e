package io.matriarch.archiver.increment;

import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.datadir.PageChecksum;
import io.matriarch.postgres.host.ScratchFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * Increments that are laid aside while a chain is restored, the newest backup first, until the file
 * comes along that they belong to. They lie in a private file; of each changed file some 200 bytes
 * are held. Several threads may use it, each for other files; one backup after the other.
 */
public final class IncrementShelf implements AutoCloseable {

    private static final int PAGE = PageChecksum.PAGE_BYTES;
    private static final int BUFFER_BYTES = 32 * PAGE;

    private final Path folder;
    private final FileChannel scratch;
    private final AtomicLong end = new AtomicLong();
    private final Map<String, Pile> piles = new ConcurrentHashMap<>();

    /** One file's increments, and the file when it is whole. */
    private static final class Pile {
        /** By the age of the backup, the oldest first. */
        private final Map<Integer, Long> places =
                new ConcurrentSkipListMap<>(Comparator.reverseOrder());

        private volatile Optional<ManifestEntry> newest = Optional.empty();
        private volatile Optional<ManifestEntry> merged = Optional.empty();
    }

    private IncrementShelf(Path folder, FileChannel scratch) {
        this.folder = folder;
        this.scratch = scratch;
    }

    /** Opens an empty one, in a folder with room for all increments. */
    public static IncrementShelf in(Path folder) throws IOException {
        return new IncrementShelf(folder, ScratchFile.open(folder));
    }

    /** Whether increments of a file lie here, and the file has not come yet. */
    public boolean isWanted(String path) {
        Pile pile = piles.get(path);
        return pile != null && pile.merged.isEmpty();
    }

    /**
     * Lays an increment aside.
     *
     * @param age of the backup that has it, 0 for the newest
     * @param content exactly the increment's bytes
     * @return the checksum of what was read
     * @throws IOException if {@code content} cannot be read, or is no increment
     */
    public String lay(int age, ManifestEntry increment, InputStream content) throws IOException {
        CRC32C crc = new CRC32C();
        CheckedInputStream checked = new CheckedInputStream(content, crc);
        IncrementHead head = IncrementHead.read(checked);
        if (head.increment() != increment.size()
                || (long) head.fileBlocks() * PAGE != increment.fileBytes()) {
            throw new IOException(
                    "%s holds %d pages of a file of %d blocks, unlike the manifest"
                            .formatted(increment.path(), head.count(), head.fileBlocks()));
        }
        long at = end.getAndAdd(increment.size());
        put(ByteBuffer.wrap(head.toBytes()), at);
        byte[] buffer = new byte[BUFFER_BYTES];
        for (long done = head.bytes(); done < increment.size(); ) {
            int wanted = (int) Math.min(buffer.length, increment.size() - done);
            if (checked.readNBytes(buffer, 0, wanted) < wanted) {
                throw new IOException("ends within " + increment.path());
            }
            put(ByteBuffer.wrap(buffer, 0, wanted), at + done);
            done += wanted;
        }
        Pile pile = piles.computeIfAbsent(increment.filePath(), _ -> new Pile());
        pile.places.put(age, at);
        if (age == 0) {
            pile.newest = Optional.of(increment);
        }
        return ManifestEntry.text(crc);
    }

    private void put(ByteBuffer bytes, long at) {
        try {
            for (long next = at; bytes.hasRemaining(); ) {
                next += scratch.write(bytes, next);
            }
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    private UncheckedIOException trouble(IOException e) {
        return new UncheckedIOException(
                "cannot keep increments in " + folder + ": " + e.getMessage(), e);
    }

    /** A file as it is with all its increments. */
    public MergedContent merged(ManifestEntry base, InputStream content) throws IOException {
        Pile pile = piles.get(base.path());
        if (pile == null || base.isIncrement() || base.size() % PAGE != 0) {
            throw new IOException(base.path() + " is no file that increments belong to");
        }
        List<MergedContent.Layer> layers = new ArrayList<>();
        pile.places.values().forEach(place -> layers.add(layer(place)));
        return new MergedContent(base, content, layers);
    }

    private MergedContent.Layer layer(long at) {
        try {
            // Not closed: that would close the channel.
            InputStream stored =
                    new BufferedInputStream(Channels.newInputStream(new ScratchSlice(scratch, at)));
            IncrementHead head = IncrementHead.read(stored);
            long pages = at + head.bytes();
            return new MergedContent.Layer(
                    head,
                    (place, bytes, offset, length) ->
                            get(
                                    ByteBuffer.wrap(bytes, offset, length),
                                    pages + (long) place * PAGE));
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    private void get(ByteBuffer bytes, long at) {
        try {
            for (long next = at; bytes.hasRemaining(); ) {
                int length = scratch.read(bytes, next);
                if (length < 0) {
                    throw new IOException("ends at " + next);
                }
                next += length;
            }
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    /** A file as the newest backup has it, but for its checksum. */
    public ManifestEntry newest(String path) {
        return Optional.ofNullable(piles.get(path))
                .flatMap(pile -> pile.newest)
                .orElseThrow(() -> new IllegalStateException("no increments of " + path))
                .whole("");
    }

    /** A file has come, and is whole now. */
    public void settle(ManifestEntry merged) {
        Pile pile = piles.get(merged.path());
        if (pile == null) {
            throw new IllegalStateException("no increments of " + merged.path());
        }
        pile.merged = Optional.of(merged);
    }

    /** The whole file; empty if it has not come. */
    public Optional<ManifestEntry> settled(String path) {
        return Optional.ofNullable(piles.get(path)).flatMap(pile -> pile.merged);
    }

    /** A file that has not come; empty if all have. */
    public Optional<String> firstWanted() {
        return piles.keySet().stream().filter(this::isWanted).sorted().findFirst();
    }

    @Override
    public void close() {
        try {
            scratch.close();
        } catch (IOException e) {
            throw trouble(e);
        }
    }
}
