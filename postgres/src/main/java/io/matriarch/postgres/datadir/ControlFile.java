package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What {@code global/pg_control} says ({@code ControlFileData} in PostgreSQL's source), of versions
 * 14 to 18 on little-endian machines.
 *
 * @param checkpoint position of the latest checkpoint record
 * @param redo where crash recovery would begin
 * @param timeline timeline of the latest checkpoint
 * @param minRecoveryPoint a standby must replay up to here before it is consistent; zero if none
 * @param minRecoveryTimeline the timeline of {@code minRecoveryPoint}; 0 if there is none
 * @param hintBits what is known of changes that are no record of the log
 */
public record ControlFile(
        SystemIdentifier systemIdentifier,
        int controlVersion,
        int catalogVersion,
        State state,
        Instant written,
        Lsn checkpoint,
        Lsn redo,
        TimelineId timeline,
        Lsn minRecoveryPoint,
        long minRecoveryTimeline,
        WalSegmentSize walSegmentSize,
        HintBits hintBits) {

    /** Whether a page whose hints alone change leaves a trace, by which a rewind finds it. */
    public record HintBits(boolean areChecksummed, boolean areLogged) {}

    /** {@code DBState}, in PostgreSQL's order. */
    public enum State {
        STARTING,
        SHUT_DOWN,
        SHUT_DOWN_IN_RECOVERY,
        SHUTTING_DOWN,
        IN_CRASH_RECOVERY,
        IN_ARCHIVE_RECOVERY,
        IN_PRODUCTION;

        /**
         * The last thing in its log is a shutdown checkpoint. A standby's log goes on behind its
         * last restart point, also if it was stopped in good order.
         */
        public boolean isCleanlyShutDown() {
            return this == SHUT_DOWN;
        }

        /** Its server did not crash. */
        boolean isInGoodOrder() {
            return this == SHUT_DOWN || this == SHUT_DOWN_IN_RECOVERY;
        }
    }

    /**
     * The length of a shutdown checkpoint's record: with its end received, a standby has
     * everything.
     */
    private static final int CHECKPOINT_RECORD_BYTES = 114;

    private static final int WITH_CHAR_SIGNEDNESS = 1800;
    private static final int CRC_OFFSET = 288;
    private static final int CRC_OFFSET_WITH_CHAR_SIGNEDNESS = 292;

    /**
     * Reads the content of {@code global/pg_control}.
     *
     * @throws IllegalArgumentException if it is cut short or its checksum does not match
     */
    public static ControlFile parse(byte[] content) {
        if (content.length < CRC_OFFSET_WITH_CHAR_SIGNEDNESS + 4) {
            throw new IllegalArgumentException(
                    "pg_control: "
                            + content.length
                            + " bytes (expected: 8192); the file is cut short");
        }
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int version = bytes.getInt(8);
        checkCrc(content, bytes, version);
        return new ControlFile(
                new SystemIdentifier(bytes.getLong(0)),
                version,
                bytes.getInt(12),
                State.values()[bytes.getInt(16)],
                Instant.ofEpochSecond(bytes.getLong(24)),
                new Lsn(bytes.getLong(32)),
                new Lsn(bytes.getLong(40)),
                new TimelineId(Integer.toUnsignedLong(bytes.getInt(48))),
                new Lsn(bytes.getLong(136)),
                Integer.toUnsignedLong(bytes.getInt(144)),
                new WalSegmentSize(Integer.toUnsignedLong(bytes.getInt(228))),
                new HintBits(bytes.getInt(252) != 0, bytes.get(176) != 0));
    }

    private static void checkCrc(byte[] content, ByteBuffer bytes, int version) {
        int offset = version >= WITH_CHAR_SIGNEDNESS ? CRC_OFFSET_WITH_CHAR_SIGNEDNESS : CRC_OFFSET;
        CRC32C crc = new CRC32C();
        crc.update(content, 0, offset);
        if ((int) crc.getValue() != bytes.getInt(offset)) {
            throw new IllegalArgumentException(
                    "pg_control: checksum %08x (expected: %08x), control version %d"
                            .formatted(bytes.getInt(offset), (int) crc.getValue(), version));
        }
    }

    /** The first position after the latest checkpoint's record, if that was a shutdown's. */
    public Lsn endOfCheckpoint() {
        return checkpoint.plus(CHECKPOINT_RECORD_BYTES);
    }

    public boolean hasDataChecksums() {
        return hintBits.areChecksummed();
    }

    /**
     * Why {@code pg_rewind} is certain to fail on this data directory, in words. It recovers a
     * server that has crashed by itself, in single-user mode, which knows no standby and no archive
     * (PostgreSQL manual, "pg_rewind").
     *
     * @param hasStandbySignal whether a server started here would come up as a standby
     * @param hasRedoSegment whether {@code pg_wal} has the segment in which recovery would begin
     */
    public Optional<String> obstacleToRewind(boolean hasStandbySignal, boolean hasRedoSegment) {
        if (!hintBits.areChecksummed() && !hintBits.areLogged()) {
            return Optional.of("it has neither data checksums nor wal_log_hints");
        }
        if (state.isInGoodOrder()) {
            return Optional.empty();
        }
        if (hasStandbySignal) {
            return Optional.of("it crashed as a standby, which pg_rewind cannot recover");
        }
        return hasRedoSegment
                ? Optional.empty()
                : Optional.of("its crash recovery would begin at " + redo + ", which is gone");
    }
}
