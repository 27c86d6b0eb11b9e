package io.matriarch.postgres.wal;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.WalSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Walks the pages of a whole WAL segment: each has a header that says where in the log it lies
 * ({@code XLogPageHeaderData} in PostgreSQL's source, the same from version 14 to 18). One that
 * does not fit is not what the server wrote, and replay would end before it.
 *
 * <p>After a switch of segments the rest is empty, and has no headers. What lies between the
 * headers is not looked at: the checksums of its records are left to replay.
 */
public final class SegmentPages {

    private static final int PAGE_SIZE_OFFSET = 36;
    private static final int IS_LONG = 0x0002;
    private static final int ALL_FLAGS = 0x000F;

    private final WalSegment segment;
    private int pageSize;
    private int magic;
    private long timeline;
    private long offset;
    private boolean isOver;
    private Optional<Lsn> certain = Optional.empty();

    public SegmentPages(WalSegment segment) {
        this.segment = segment;
    }

    /**
     * Looks at the next pages; the buffer's position is not moved.
     *
     * @param bytes whole pages, in the order of the segment, which begins with a {@link
     *     SegmentHeader}
     * @return what is wrong, in words
     */
    public Optional<String> next(ByteBuffer bytes) {
        ByteBuffer pages = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (offset == 0) {
            pageSize = pages.getInt(PAGE_SIZE_OFFSET);
            if (Integer.bitCount(pageSize) != 1 || pageSize < 1 << 10 || pageSize > 1 << 16) {
                return Optional.of("page size: " + pageSize + " (expected: 8192)");
            }
            magic = Short.toUnsignedInt(pages.getShort(0));
        }
        for (int at = 0; at + pageSize <= pages.limit(); at += pageSize) {
            Optional<String> wrong = page(pages, at);
            if (wrong.isPresent()) {
                return Optional.of("page at " + segment.start().plus(offset) + ": " + wrong.get());
            }
            offset += pageSize;
        }
        return Optional.empty();
    }

    private Optional<String> page(ByteBuffer pages, int at) {
        if (isEmpty(pages, at)) {
            isOver = true;
            return Optional.empty();
        }
        if (isOver) {
            return Optional.of("has a header (expected: none behind a page without one)");
        }
        int found = Short.toUnsignedInt(pages.getShort(at));
        int flags = Short.toUnsignedInt(pages.getShort(at + PageHeader.FLAGS_OFFSET));
        if (found != magic || (flags & ~ALL_FLAGS) != 0 || isLong(flags) != (offset == 0)) {
            return Optional.of(
                    "magic number %04X, flags %04X (expected: %04X, %s)"
                            .formatted(found, flags, magic, offset == 0 ? "long" : "short"));
        }
        Lsn address = new Lsn(pages.getLong(at + PageHeader.ADDRESS_OFFSET));
        if (!address.equals(segment.start().plus(offset))) {
            return Optional.of("address " + address);
        }
        long on = Integer.toUnsignedLong(pages.getInt(at + 4));
        if (on < timeline || on > segment.timeline().value()) {
            return Optional.of(
                    "timeline %d (expected: %d to %d)"
                            .formatted(on, Math.max(1, timeline), segment.timeline().value()));
        }
        timeline = on;
        note(
                address,
                (flags & PageHeader.IS_CONTINUED) == 0
                        ? 0
                        : pages.getInt(at + PageHeader.REMAINING_OFFSET));
        return Optional.empty();
    }

    private static boolean isEmpty(ByteBuffer pages, int at) {
        return pages.getLong(at) == 0 && pages.getLong(at + 8) == 0 && pages.getLong(at + 16) == 0;
    }

    private static boolean isLong(int flags) {
        return (flags & IS_LONG) != 0;
    }

    /** A record that goes on behind this page may never have been finished. */
    private void note(Lsn address, int remaining) {
        int header = offset == 0 ? SegmentHeader.BYTES : PageHeader.BYTES;
        if (remaining == 0) {
            certain = Optional.of(address);
        } else if (remaining > 0 && remaining <= pageSize - header) {
            certain = Optional.of(address.plus((long) header + remaining));
        }
    }

    /**
     * Replay of all pages seen comes at least this far, if their records are whole; empty if all of
     * them are the middle of one record.
     */
    public Optional<Lsn> certain() {
        return certain;
    }
}
