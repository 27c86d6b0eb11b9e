package io.matriarch.archiver.foreign;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.restore.RestoredFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What WAL-G keeps of a relation's file in an increment: how long the file is, which pages have
 * changed, and these pages.
 */
final class PageIncrement {

    static final int PAGE = 8_192;

    private static final byte[] MAGIC = {'w', 'i', '1', 0x55};
    private static final int OF_POSTGRESQL = 0xD3AE1F0D;
    private static final int HEADER = 16;
    private static final int TOGETHER = 32;

    private final long size;

    /** Numbers of the pages that follow, in their order. */
    private final int[] blocks;

    private PageIncrement(long size, int[] blocks) {
        this.size = size;
        this.blocks = blocks;
    }

    /** How long the whole file is. */
    long size() {
        return size;
    }

    /**
     * Reads all but the pages.
     *
     * @param length of the increment, with the pages
     * @throws IOException if it is none
     */
    static PageIncrement read(String path, long length, InputStream content) throws IOException {
        ByteBuffer header =
                ByteBuffer.wrap(content.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        if (header.limit() >= 4 && header.getInt(0) == OF_POSTGRESQL) {
            throw new RestoreException(
                    "increment of "
                            + path
                            + ": is of the kind that PostgreSQL 17 makes itself (expected: one of"
                            + " WAL-G's own)",
                    "restore from a full backup, or with the tool that made this one");
        }
        if (header.limit() < HEADER || !Arrays.equals(header.array(), 0, 4, MAGIC, 0, 4)) {
            throw new IOException(path + " is no increment, though one is listed");
        }
        long size = header.getLong(4);
        long count = Integer.toUnsignedLong(header.getInt(12));
        boolean fits =
                size >= 0
                        && count <= size / PAGE
                        && length == HEADER + count * (Integer.BYTES + PAGE);
        if (!fits) {
            throw new IOException(
                    "increment of %s: %d pages in %d bytes, of a file of %d"
                            .formatted(path, count, length, size));
        }
        byte[] numbers = content.readNBytes(Math.toIntExact(count * Integer.BYTES));
        if (numbers.length < count * Integer.BYTES) {
            throw new IOException("ends within the increment of " + path);
        }
        int[] blocks = new int[Math.toIntExact(count)];
        ByteBuffer.wrap(numbers).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(blocks);
        for (int block : blocks) {
            if ((Integer.toUnsignedLong(block) + 1) * PAGE > size) {
                throw new IOException(
                        "increment of %s: page %d of a file of %d bytes"
                                .formatted(path, Integer.toUnsignedLong(block), size));
            }
        }
        return new PageIncrement(size, blocks);
    }

    /**
     * Brings a file to what it was when the increment was made; may be done again.
     *
     * @param content the pages
     * @throws IOException if they cannot be read
     */
    void apply(InputStream content, FileChannel file, Path place) throws IOException {
        resize(file, place);
        byte[] pages = new byte[TOGETHER * PAGE];
        for (int i = 0; i < blocks.length; ) {
            int run = 1;
            while (run < TOGETHER
                    && i + run < blocks.length
                    && blocks[i + run] == blocks[i] + run) {
                run++;
            }
            if (content.readNBytes(pages, 0, run * PAGE) < run * PAGE) {
                throw new IOException("ends within the increment of " + place.getFileName());
            }
            write(
                    file,
                    ByteBuffer.wrap(pages, 0, run * PAGE),
                    Integer.toUnsignedLong(blocks[i]) * PAGE,
                    place);
            i += run;
        }
    }

    /** Pages that were added and not changed since are zeros. */
    private void resize(FileChannel file, Path place) {
        try {
            file.truncate(size);
            if (file.size() < size) {
                file.write(ByteBuffer.allocate(1), size - 1);
            }
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }

    private static void write(FileChannel file, ByteBuffer pages, long position, Path place) {
        try {
            for (long at = position; pages.hasRemaining(); ) {
                at += file.write(pages, at);
            }
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }
}
