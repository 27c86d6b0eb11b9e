package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LastTransactionTest {

    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    private static final int PAGE = 8192;
    private static final int LONG_HEADER = 40;
    private static final int SHORT_HEADER = 24;

    private final List<byte[]> log = new ArrayList<>();
    private int read;

    @Test
    void it_is_found_however_many_segments_without_one_were_archived_since() {
        segment(commit(NOON));
        quiet(100);

        assertThat(search(Instant.MAX)).isEqualTo(new LastTransaction.Ended(NOON));
    }

    @Test
    void of_a_log_without_any_it_is_said_that_there_is_none() {
        quiet(40);

        assertThat(search(Instant.MAX)).isEqualTo(new LastTransaction.None());
        assertThat(read).isEqualTo(40);
    }

    @Test
    void one_that_ended_late_enough_ends_the_search() {
        segment(commit(NOON));
        segment(commit(NOON.plusSeconds(9)));
        quiet(2);

        assertThat(search(NOON)).isEqualTo(new LastTransaction.Ended(NOON.plusSeconds(9)));
        assertThat(read).isEqualTo(3);
    }

    /** A record is whole only with the beginning of the next segment. */
    @Test
    void one_whose_record_goes_on_in_the_next_segment_counts() {
        for (int before = 8; before < 40; before += 8) {
            log.clear();
            acrossTheEnd(commit(NOON), before);
            quiet(1);

            assertThat(search(Instant.MAX))
                    .as("%d bytes before the end", before)
                    .isEqualTo(new LastTransaction.Ended(NOON));
        }
    }

    @Test
    void one_that_goes_on_in_a_segment_that_is_not_archived_does_not_count() {
        acrossTheEnd(commit(NOON), 16);
        log.removeLast();

        assertThat(search(Instant.MAX)).isEqualTo(new LastTransaction.None());
    }

    /** Another member's clock may have been ahead. */
    @Test
    void the_latest_of_the_last_segments_counts_and_not_the_last() {
        segment(commit(NOON.plus(Duration.ofMinutes(1))));
        segment(commit(NOON));

        assertThat(search(NOON))
                .isEqualTo(new LastTransaction.Ended(NOON.plus(Duration.ofMinutes(1))));
    }

    private LastTransaction search(Instant enough) {
        read = 0;
        List<WalSegment> segments = new ArrayList<>();
        for (int number = 0; number < log.size(); number++) {
            segments.add(new WalSegment(TimelineId.FIRST, number, SIZE));
        }
        return LastTransaction.in(this::content, segments, enough);
    }

    private byte[] content(WalSegment segment) {
        read++;
        return log.get((int) segment.number());
    }

    private void quiet(int segments) {
        for (int i = 0; i < segments; i++) {
            segment(new byte[0]);
        }
    }

    private void segment(byte[] record) {
        byte[] content = pages();
        System.arraycopy(record, 0, content, LONG_HEADER, record.length);
        log.add(content);
    }

    /** A segment filled with one long record of another kind, then this one. */
    private void acrossTheEnd(byte[] record, int before) {
        byte[] content = pages();
        byte[] filler = record(filling(before), (byte) 10, new byte[0]);
        int at = put(content, LONG_HEADER, filler);
        System.arraycopy(record, 0, content, at, Math.min(before, record.length));
        log.add(content);
        byte[] next = pages();
        int rest = Math.max(0, record.length - before);
        ByteBuffer header = ByteBuffer.wrap(next).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(2, (short) (rest > 0 ? 1 : 0));
        header.putInt(16, rest);
        System.arraycopy(record, record.length - rest, next, LONG_HEADER, rest);
        log.add(next);
    }

    /** How long a record must be that ends so many bytes before the end of the segment. */
    private static int filling(int before) {
        int pages = (int) SIZE.bytes() / PAGE;
        return (int) SIZE.bytes() - LONG_HEADER - (pages - 1) * SHORT_HEADER - before;
    }

    private static int put(byte[] content, int from, byte[] bytes) {
        int at = from;
        for (byte one : bytes) {
            if (at % PAGE == 0) {
                at += SHORT_HEADER;
            }
            content[at++] = one;
        }
        return at;
    }

    private static byte[] pages() {
        return new byte[(int) SIZE.bytes()];
    }

    private static byte[] commit(Instant time) {
        byte[] data = new byte[10];
        ByteBuffer.wrap(data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 255)
                .put((byte) 8)
                .putLong(ChronoUnit.MICROS.between(EPOCH, time));
        return record(24 + data.length, (byte) 1, data);
    }

    private static byte[] record(int length, byte manager, byte[] data) {
        byte[] bytes = new byte[length];
        ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(0, length).put(17, manager).put(24, data);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 24, length - 24);
        crc.update(bytes, 0, 20);
        record.putInt(20, (int) crc.getValue());
        return bytes;
    }
}
