package io.matriarch.archiver.increment;

import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.postgres.datadir.PageChecksum;
import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A relation file in one pass: each page from the newest increment that has it, or else from the
 * file itself.
 */
public final class MergedContent extends InputStream {

    private static final int PAGE = PageChecksum.PAGE_BYTES;
    private static final int CHUNK_PAGES = 32;

    private final ManifestEntry base;
    private final InputStream content;
    private final List<Layer> layers;
    private final int baseBlocks;
    private final int blocks;
    private final CRC32C crc = new CRC32C();
    private final byte[] chunk = new byte[CHUNK_PAGES * PAGE];
    private int nextBlock;
    private int readBase;
    private int at;
    private int length;

    /** Reads pages of an increment into {@code bytes}, from the one at {@code place} on. */
    @FunctionalInterface
    interface Pages {
        void read(int place, byte[] bytes, int offset, int length);
    }

    /** An increment, and how far it is used up. */
    static final class Layer {
        private final IncrementHead head;
        private final Pages pages;
        private int next;

        Layer(IncrementHead head, Pages pages) {
            this.head = head;
            this.pages = pages;
        }
    }

    /**
     * For a file.
     *
     * @param content exactly its bytes
     * @param layers its increments, the oldest first
     */
    MergedContent(ManifestEntry base, InputStream content, List<Layer> layers) {
        this.base = base;
        this.content = content;
        this.layers = List.copyOf(layers);
        this.baseBlocks = (int) (base.size() / PAGE);
        this.blocks = layers.getLast().head.fileBlocks();
    }

    /** How many bytes come. */
    public long size() {
        return (long) blocks * PAGE;
    }

    /**
     * Reads what the file itself had beyond its present end.
     *
     * @return the checksum of the file itself
     */
    public String drain() throws IOException {
        while (readBase < baseBlocks) {
            readBase(chunk, 0, Math.min(CHUNK_PAGES, baseBlocks - readBase));
        }
        return ManifestEntry.text(crc);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        if (at == length && !fill()) {
            return -1;
        }
        int count = Math.min(wanted, length - at);
        System.arraycopy(chunk, at, bytes, offset, count);
        at += count;
        return count;
    }

    private boolean fill() throws IOException {
        int count = Math.min(CHUNK_PAGES, blocks - nextBlock);
        if (count <= 0) {
            return false;
        }
        BitSet known = new BitSet(CHUNK_PAGES);
        int fromBase = Math.clamp(baseBlocks - (long) nextBlock, 0, count);
        readBase(chunk, 0, fromBase);
        known.set(0, fromBase);
        for (Layer layer : layers) {
            // What lay behind the end of the file then is not what lies there now.
            known.clear(Math.clamp(layer.head.fileBlocks() - (long) nextBlock, 0, count), count);
            lay(layer, count, known);
        }
        int missing = known.nextClearBit(0);
        if (missing < count) {
            throw new IOException(
                    "%s: no backup of the chain has page %d"
                            .formatted(base.path(), nextBlock + missing));
        }
        nextBlock += count;
        at = 0;
        length = count * PAGE;
        return true;
    }

    private void readBase(byte[] into, int offset, int pages) throws IOException {
        int wanted = pages * PAGE;
        if (content.readNBytes(into, offset, wanted) < wanted) {
            throw new IOException("ends within " + base.path());
        }
        crc.update(into, offset, wanted);
        readBase += pages;
    }

    private void lay(Layer layer, int count, BitSet known) {
        IncrementHead head = layer.head;
        int behind = nextBlock + count;
        while (layer.next < head.count() && head.block(layer.next) < behind) {
            int first = layer.next;
            int block = head.block(first);
            while (layer.next < head.count()
                    && head.block(layer.next) < behind
                    && head.block(layer.next) - block == layer.next - first) {
                layer.next++;
            }
            int run = layer.next - first;
            int place = block - nextBlock;
            layer.pages.read(first, chunk, place * PAGE, run * PAGE);
            known.set(place, place + run);
        }
    }
}
