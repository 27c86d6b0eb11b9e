package io.matriarch.archiver.bundle;

import io.matriarch.archiver.increment.IncrementHead;
import io.matriarch.archiver.increment.Reference;
import io.matriarch.postgres.datadir.PageChecksum;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * Copies of one relation file what has changed since another backup. Every page is looked at, and
 * then those are read again that go along: what the server changes between the two, replay changes
 * too.
 */
final class ChangedPages {

    private static final int PAGE = PageChecksum.PAGE_BYTES;

    /** Above this share of a file's pages, in percent, it is stored whole, as PostgreSQL does. */
    private static final int MOST_PERCENT = 90;

    private final BundleSource source;
    private final DataFile file;
    private final FileChannel channel;
    private final byte[] buffer;

    /**
     * @param buffer a whole number of pages long
     */
    ChangedPages(BundleSource source, DataFile file, FileChannel channel, byte[] buffer) {
        this.source = source;
        this.file = file;
        this.channel = channel;
        this.buffer = buffer;
    }

    /**
     * Which pages those are.
     *
     * @param size of the file
     * @return empty if the file has to be stored whole
     */
    Optional<IncrementHead> find(long size) throws IOException {
        Optional<Reference> reference = source.reference();
        OptionalInt parentBlocks =
                reference.map(it -> it.blocks(file.path(), size)).orElse(OptionalInt.empty());
        if (reference.isEmpty() || parentBlocks.isEmpty()) {
            return Optional.empty();
        }
        BitSet changed = changed(size, reference.get(), parentBlocks.getAsInt());
        int blocks = (int) (size / PAGE);
        return changed.cardinality() * 100L > (long) blocks * MOST_PERCENT
                ? Optional.empty()
                : Optional.of(IncrementHead.of(blocks, changed));
    }

    private BitSet changed(long size, Reference reference, int parentBlocks) throws IOException {
        Optional<PageVerification> pages = verification();
        BitSet changed = new BitSet();
        for (long at = 0; at < size; at += buffer.length) {
            int wanted = (int) Math.min(buffer.length, size - at);
            int length = BundleBody.read(channel, buffer, wanted, at);
            if (pages.isPresent()) {
                pages.get().verify(channel, buffer, length, at);
            }
            for (int page = 0; page < wanted; page += PAGE) {
                int block = (int) ((at + page) / PAGE);
                // What was cut off meanwhile, replay cuts off.
                if (page + PAGE > length
                        || reference.isChanged(
                                block, parentBlocks, PageChecksum.lsn(buffer, page))) {
                    changed.set(block);
                }
            }
            source.bytesRead().onBytes(wanted);
        }
        // Its position may be what is corrupt: the page goes along as it is, and is named.
        pages.ifPresent(
                it -> it.suspects().forEach(suspect -> changed.set((int) it.blockInFile(suspect))));
        return changed;
    }

    private Optional<PageVerification> verification() {
        return source.verifiesPages() ? PageVerification.of(file) : Optional.empty();
    }

    /** Writes what {@code find} has found, as a file that was begun. */
    void write(IncrementHead head, BundleWriter writer) throws IOException {
        Optional<PageVerification> pages = verification();
        CRC32C crc = new CRC32C();
        byte[] first = head.toBytes();
        crc.update(first);
        writer.write(first, first.length);
        for (int i = 0; i < head.count(); ) {
            int run = run(head, i);
            long at = (long) head.block(i) * PAGE;
            int wanted = run * PAGE;
            int length = BundleBody.read(channel, buffer, wanted, at);
            if (pages.isPresent()) {
                pages.get().verify(channel, buffer, length, at);
            }
            Arrays.fill(buffer, length, wanted, (byte) 0);
            crc.update(buffer, 0, wanted);
            writer.write(buffer, wanted);
            i += run;
        }
        writer.endFile(crc);
        pages.ifPresent(it -> writer.addSuspects(it.suspects()));
    }

    /** How many pages follow each other from one on, as many as are read at once. */
    private int run(IncrementHead head, int from) {
        int most = Math.min(buffer.length / PAGE, head.count() - from);
        int run = 1;
        while (run < most && head.block(from + run) == head.block(from) + run) {
            run++;
        }
        return run;
    }
}
