package io.matriarch.postgres.wal;

import io.matriarch.postgres.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Finds the ends of transactions in a WAL segment: the records by which replay knows how late it
 * is. Their form has been the same from PostgreSQL 14 to 18 ({@code XLogRecord}, {@code
 * XLogPageHeaderData}, {@code xl_xact_commit} and {@code xl_xact_abort} in its source), on
 * little-endian machines with pages of 8 kB.
 *
 * <p>A record that began in an earlier segment is left out; one that does not end in its own is
 * found if the beginning of the next segment is there too.
 */
public final class TransactionEnds {

    private static final int PAGE = 8192;

    private static final int RECORD_HEADER = 24;
    private static final int INFO_OFFSET = 16;
    private static final int MANAGER_OFFSET = 17;
    private static final int CRC_OFFSET = 20;
    private static final int TRANSACTION_MANAGER = 1;

    /** Of the info byte. */
    private static final int OPERATION = 0x70;

    private static final int COMMIT = 0x00;
    private static final int ABORT = 0x20;
    private static final int COMMIT_PREPARED = 0x30;
    private static final int ABORT_PREPARED = 0x40;

    private static final int TOP_XID = 252;
    private static final int ORIGIN = 253;
    private static final int LONG_DATA = 254;
    private static final int SHORT_DATA = 255;

    /** From which PostgreSQL counts microseconds. */
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    /**
     * One of them.
     *
     * @param at where its record begins
     * @param time by the server's clock
     */
    public record End(Lsn at, Instant time, boolean isCommit) {}

    /** The segment, and what there is of the next. */
    private final ByteBuffer segment;

    /** Where the next one begins. */
    private final int end;

    private final Lsn start;
    private final List<End> ends = new ArrayList<>();

    private TransactionEnds(byte[] content, byte[] following) {
        this.segment =
                ByteBuffer.allocate(content.length + following.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(0, content)
                        .put(content.length, following);
        this.end = content.length;
        this.start = new Lsn(segment.getLong(PageHeader.ADDRESS_OFFSET));
    }

    /** Reads a whole segment; as far as it has records. */
    public static List<End> in(byte[] content) {
        return in(content, new byte[0]);
    }

    /**
     * Reads a whole segment.
     *
     * @param following the beginning of the next, for a record that goes on there
     */
    public static List<End> in(byte[] content, byte[] following) {
        TransactionEnds reader = new TransactionEnds(content, following);
        reader.read();
        return List.copyOf(reader.ends);
    }

    private void read() {
        int position = first();
        while (position >= 0 && position + Integer.BYTES <= end) {
            int length = segment.getInt(position);
            if (length < RECORD_HEADER) {
                // Zeros: what follows a switch of segments, or the end of the log.
                return;
            }
            Optional<byte[]> head = bytes(position, RECORD_HEADER);
            if (head.isEmpty()) {
                return;
            }
            if (head.get()[MANAGER_OFFSET] == TRANSACTION_MANAGER) {
                int at = position;
                bytes(position, length).flatMap(record -> end(at, record)).ifPresent(ends::add);
            }
            position = aligned(after(position, length));
        }
    }

    /** Behind the page's header, and behind what began in the segment before. */
    private int first() {
        int info = Short.toUnsignedInt(segment.getShort(PageHeader.FLAGS_OFFSET));
        int position = SegmentHeader.BYTES;
        return (info & PageHeader.IS_CONTINUED) == 0
                ? position
                : aligned(after(position, segment.getInt(PageHeader.REMAINING_OFFSET)));
    }

    /** The position so many bytes of the log later, which pages' headers are no part of; or -1. */
    private int after(int position, int length) {
        int at = position;
        int rest = length;
        while (true) {
            int room = PAGE - at % PAGE;
            if (rest < room) {
                return at + rest;
            }
            at += room;
            rest -= room;
            if (at >= segment.capacity()) {
                return -1;
            }
            at += header(at);
        }
    }

    private int aligned(int position) {
        if (position < 0) {
            return position;
        }
        int up = (position + 7) & ~7;
        return up % PAGE == 0 ? up + header(up) : up;
    }

    /** The first page of a segment has a longer one. */
    private int header(int page) {
        return page == end ? SegmentHeader.BYTES : PageHeader.BYTES;
    }

    /**
     * Bytes of the log, gathered from several pages if need be; empty if the segment ends first.
     */
    private Optional<byte[]> bytes(int position, int length) {
        if (length > segment.capacity()) {
            return Optional.empty();
        }
        byte[] gathered = new byte[length];
        int at = position;
        int done = 0;
        while (done < length) {
            if (at >= segment.capacity()) {
                return Optional.empty();
            }
            int here = Math.min(length - done, PAGE - at % PAGE);
            segment.get(at, gathered, done, here);
            done += here;
            at += here;
            if (at % PAGE == 0) {
                at += header(at);
            }
        }
        return Optional.of(gathered);
    }

    private Optional<End> end(int position, byte[] record) {
        ByteBuffer bytes = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        if (crc(record) != bytes.getInt(CRC_OFFSET)) {
            return Optional.empty();
        }
        return switch (record[INFO_OFFSET] & OPERATION) {
            case COMMIT, COMMIT_PREPARED -> time(bytes).map(time -> end(position, time, true));
            case ABORT, ABORT_PREPARED -> time(bytes).map(time -> end(position, time, false));
            default -> Optional.empty();
        };
    }

    private End end(int position, Instant time, boolean isCommit) {
        return new End(start.plus(position), time, isCommit);
    }

    private static int crc(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record, RECORD_HEADER, record.length - RECORD_HEADER);
        crc.update(record, 0, CRC_OFFSET);
        return (int) crc.getValue();
    }

    /** The first thing in the record's data, which small headers come before. */
    private static Optional<Instant> time(ByteBuffer record) {
        int at = RECORD_HEADER;
        while (at + 1 < record.capacity()) {
            int id = Byte.toUnsignedInt(record.get(at));
            switch (id) {
                case ORIGIN -> at += 1 + Short.BYTES;
                case TOP_XID -> at += 1 + Integer.BYTES;
                case SHORT_DATA -> {
                    return instant(record, at + 1 + Byte.BYTES);
                }
                case LONG_DATA -> {
                    return instant(record, at + 1 + Integer.BYTES);
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Instant> instant(ByteBuffer record, int at) {
        return at + Long.BYTES <= record.capacity()
                ? Optional.of(EPOCH.plus(record.getLong(at), ChronoUnit.MICROS))
                : Optional.empty();
    }
}
