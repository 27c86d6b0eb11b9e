package io.matriarch.archiver.increment;

import io.matriarch.postgres.datadir.PageChecksum;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * What an incremental file begins with: how long the file is, and which of its pages follow. The
 * bytes are PostgreSQL's (described in its {@code basebackup_incremental.c}): four-byte numbers,
 * little-endian, for a magic number, the count of pages, the file's length in blocks, and the
 * number of each page within the file, ascending; and zeros up to a whole page, if pages follow.
 */
public final class IncrementHead {

    private static final int MAGIC = 0xD3AE1F0D;
    private static final int FIXED_BYTES = 3 * Integer.BYTES;
    private static final int PAGE = PageChecksum.PAGE_BYTES;

    /** Blocks of a file of 1 GB, as which PostgreSQL stores bigger relations. */
    private static final int MOST_BLOCKS = 131_072;

    private final int fileBlocks;
    private final int[] blocks;

    private IncrementHead(int fileBlocks, int[] blocks) {
        this.fileBlocks = fileBlocks;
        this.blocks = blocks;
    }

    /**
     * For these pages of a file.
     *
     * @param fileBlocks how long the file is
     * @param changed numbers of pages, all of them within it
     */
    public static IncrementHead of(int fileBlocks, BitSet changed) {
        if (changed.length() > fileBlocks || fileBlocks > MOST_BLOCKS) {
            throw new IllegalArgumentException(
                    "increment: block %d of %d (expected: within a file of at most %d blocks)"
                            .formatted(changed.length() - 1, fileBlocks, MOST_BLOCKS));
        }
        return new IncrementHead(fileBlocks, changed.stream().toArray());
    }

    /**
     * Reads one.
     *
     * @throws IOException if the bytes are none
     */
    public static IncrementHead read(InputStream in) throws IOException {
        ByteBuffer fixed = bytes(in, FIXED_BYTES);
        int magic = fixed.getInt();
        int count = fixed.getInt();
        int fileBlocks = fixed.getInt();
        if (magic != MAGIC
                || fileBlocks < 0
                || fileBlocks > MOST_BLOCKS
                || count < 0
                || count > fileBlocks) {
            throw new IOException(
                    "increment: magic %08x, %d pages of %d (expected: magic %08x, at most %d pages)"
                            .formatted(magic, count, fileBlocks, MAGIC, MOST_BLOCKS));
        }
        int[] blocks = new int[count];
        bytes(in, count * Integer.BYTES).asIntBuffer().get(blocks);
        int least = 0;
        for (int block : blocks) {
            if (block < least || block >= fileBlocks) {
                throw new IOException(
                        "increment: page %d (expected: ascending, below %d)"
                                .formatted(block, fileBlocks));
            }
            least = block + 1;
        }
        IncrementHead head = new IncrementHead(fileBlocks, blocks);
        in.skipNBytes(head.bytes() - FIXED_BYTES - (long) count * Integer.BYTES);
        return head;
    }

    private static ByteBuffer bytes(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("increment: ends within its head");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** As the file has it. */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(bytes()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(MAGIC).putInt(blocks.length).putInt(fileBlocks);
        for (int block : blocks) {
            bytes.putInt(block);
        }
        return bytes.array();
    }

    /** How many bytes it has. */
    public int bytes() {
        int bytes = FIXED_BYTES + blocks.length * Integer.BYTES;
        return blocks.length == 0 ? bytes : (bytes + PAGE - 1) / PAGE * PAGE;
    }

    /** How many bytes the whole increment has, with its pages. */
    public long increment() {
        return bytes() + (long) blocks.length * PAGE;
    }

    /** How many blocks the file has. */
    public int fileBlocks() {
        return fileBlocks;
    }

    /** How many pages follow. */
    public int count() {
        return blocks.length;
    }

    /** The number, within the file, of the page at a place among those that follow. */
    public int block(int place) {
        return blocks[place];
    }
}
