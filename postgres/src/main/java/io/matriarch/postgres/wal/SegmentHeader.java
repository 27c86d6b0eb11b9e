package io.matriarch.postgres.wal;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The long page header that begins every WAL segment ({@code XLogLongPageHeaderData} in
 * PostgreSQL's source): it tells whose segment this is, and which.
 */
public record SegmentHeader(
        int magic,
        TimelineId timeline,
        Lsn address,
        SystemIdentifier systemIdentifier,
        WalSegmentSize segmentSize) {

    /** How many bytes {@link #read} needs. */
    public static final int BYTES = 40;

    private static final int LONG_HEADER = 0x0002;

    /** The magic numbers of PostgreSQL 14 to 18 lie in this range; the next version extends it. */
    private static final int MAGIC_FAMILY = 0xD100;

    /**
     * Reads the header from the first {@link #BYTES} bytes of a segment; empty if they are not the
     * beginning of a WAL segment. The buffer's position is not moved.
     */
    public static Optional<SegmentHeader> read(ByteBuffer firstBytes) {
        if (firstBytes.remaining() < BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = firstBytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        int magic = Short.toUnsignedInt(bytes.getShort(0));
        int info = Short.toUnsignedInt(bytes.getShort(2));
        long timeline = Integer.toUnsignedLong(bytes.getInt(4));
        long size = Integer.toUnsignedLong(bytes.getInt(32));
        boolean isHeader =
                (magic & 0xFF00) == MAGIC_FAMILY
                        && (info & LONG_HEADER) != 0
                        && timeline != 0
                        && Long.bitCount(size) == 1
                        && size >= 1 << 20
                        && size <= 1 << 30;
        if (!isHeader) {
            return Optional.empty();
        }
        return Optional.of(
                new SegmentHeader(
                        magic,
                        new TimelineId(timeline),
                        new Lsn(bytes.getLong(8)),
                        new SystemIdentifier(bytes.getLong(24)),
                        new WalSegmentSize(size)));
    }

    /**
     * Compares what the bytes say with what the file's name says.
     *
     * @return what is wrong, in words; empty if the header belongs to {@code segment} of {@code
     *     cluster}
     */
    public Optional<String> mismatch(WalSegment segment, SystemIdentifier cluster) {
        if (!systemIdentifier.equals(cluster)) {
            return Optional.of(
                    "system identifier: " + systemIdentifier + " (expected: " + cluster + ")");
        }
        if (!segmentSize.equals(segment.size())) {
            return Optional.of(
                    "segment size: "
                            + segmentSize.bytes()
                            + " (expected: "
                            + segment.size().bytes()
                            + ")");
        }
        if (!address.equals(segment.start())) {
            return Optional.of("address: " + address + " (expected: " + segment.start() + ")");
        }
        // The first segment of a timeline begins with pages copied from its parent.
        if (timeline.compareTo(segment.timeline()) > 0) {
            return Optional.of(
                    "timeline: " + timeline + " (expected: at most " + segment.timeline() + ")");
        }
        return Optional.empty();
    }
}
