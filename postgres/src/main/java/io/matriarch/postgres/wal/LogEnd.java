package io.matriarch.postgres.wal;

import io.matriarch.postgres.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds where the log ends in its last segment: behind the last whole record. What lies behind that
 * in the file is zeros, or what an earlier life of the file left there, which its pages' addresses
 * show ({@code XLogPageHeaderData} in PostgreSQL's source, pages of 8 kB).
 */
public final class LogEnd {

    private static final int PAGE = 8192;
    private static final int RECORD_HEADER = 24;

    /** No record, or none that is whole. */
    private static final int NONE = -1;

    private final ByteBuffer segment;
    private final Lsn start;

    private LogEnd(ByteBuffer segment, Lsn start) {
        this.segment = segment.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.start = start;
    }

    /**
     * The end of the log in this segment; {@code from}, if no whole record lies behind that, and
     * the segment's end, if the last one goes on in the next.
     *
     * @param segment the whole file
     * @param start the segment's first position
     * @param from a position between two records from which to look; one before this segment stands
     *     for its first record
     */
    public static Lsn in(ByteBuffer segment, Lsn start, Lsn from) {
        LogEnd log = new LogEnd(segment, start);
        int first = Math.toIntExact(from.beyond(start));
        return start.plus(log.behindLastRecord(first));
    }

    private int behindLastRecord(int first) {
        int end = first;
        int at = record(first);
        while (at != NONE) {
            int length = segment.getInt(at);
            int next = length < RECORD_HEADER ? NONE : behind(at, length);
            if (next == NONE) {
                return end;
            }
            end = next;
            at = record(next);
        }
        return end;
    }

    /** Where the next record would begin; none if the segment, or what belongs to it, is over. */
    private int record(int position) {
        int up = (position + 7) & ~7;
        if (up >= segment.limit()) {
            return NONE;
        }
        if (up % PAGE != 0) {
            return up;
        }
        if (!isOfThisLog(up)) {
            return NONE;
        }
        int content = up + header(up);
        if (!isContinued(up)) {
            return content;
        }
        int next = behind(content, segment.getInt(up + PageHeader.REMAINING_OFFSET));
        return next == NONE ? NONE : record(next);
    }

    /**
     * The position so many bytes of the log later, which pages' headers are no part of; the
     * segment's end if they go on behind it, and none if a page on the way is not the next one.
     */
    private int behind(int position, int length) {
        int at = position;
        int rest = length;
        while (rest > PAGE - at % PAGE) {
            rest -= PAGE - at % PAGE;
            at += PAGE - at % PAGE;
            if (at >= segment.limit()) {
                return segment.limit();
            }
            if (!isOfThisLog(at) || !isContinued(at)) {
                return NONE;
            }
            at += header(at);
        }
        return at + rest;
    }

    private boolean isOfThisLog(int page) {
        return page + PAGE <= segment.limit()
                && segment.getLong(page + PageHeader.ADDRESS_OFFSET) == start.plus(page).value();
    }

    private boolean isContinued(int page) {
        return (Short.toUnsignedInt(segment.getShort(page + PageHeader.FLAGS_OFFSET))
                        & PageHeader.IS_CONTINUED)
                != 0;
    }

    /** The first page of a segment has a longer one. */
    private static int header(int page) {
        return page == 0 ? SegmentHeader.BYTES : PageHeader.BYTES;
    }
}
