package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalReaderTest {

    private static final WalSegmentSize LARGE = new WalSegmentSize(128L << 20);
    private static final WalName NAME = WalName.tryParse("000000010000000000000001").orElseThrow();

    @TempDir Path data;

    @Test
    void a_segment_is_sent_from_memory_and_the_memory_is_given_back() throws Exception {
        new FakeWal(data).writeSegment(NAME.text(), 1);
        ChunkPool pool = new ChunkPool(ChunkPool.CHUNKS);

        try (SegmentBuffer buffer = new SegmentBuffer(3);
                PackedSegment packed = pool.reserve(0)) {
            WalReader.Prepared first = reader(FakeWal.SIZE).prepare(NAME, buffer, packed);

            assertThat(first.body().length()).isPositive();
            assertThat(unpack(sent(first))).isEqualTo(first.content());
            assertThat(unpack(sent(first))).as("a second try").isEqualTo(first.content());
            assertThat(pool.used()).isPositive();
        }
        assertThat(pool.used()).isZero();
    }

    @Test
    void a_buffer_serves_one_segment_after_another() throws Exception {
        FakeWal wal = new FakeWal(data);
        try (SegmentBuffer buffer = new SegmentBuffer(3)) {
            for (int seed = 1; seed <= 3; seed++) {
                wal.writeSegment(NAME.text(), seed);
                try (PackedSegment packed = new ChunkPool(ChunkPool.CHUNKS).reserve(0)) {
                    WalReader.Prepared prepared =
                            reader(FakeWal.SIZE).prepare(NAME, buffer, packed);

                    assertThat(unpack(sent(prepared))).isEqualTo(prepared.content());
                }
            }
        }
    }

    @Test
    void a_segment_that_finds_no_room_is_compressed_while_it_is_sent() throws Exception {
        new FakeWal(data).writeSegment(NAME.text(), 1);
        ChunkPool pool = new ChunkPool(3);

        WalReader.Prepared prepared = prepare(FakeWal.SIZE, pool);

        assertThat(prepared.body()).isInstanceOf(StreamedSegment.class);
        assertThat(pool.used()).isZero();
        assertThat(unpack(sent(prepared))).isEqualTo(prepared.content());
    }

    @Test
    void a_segment_too_large_for_memory_is_streamed_whole() throws Exception {
        writeSparseSegment(Files.createDirectories(data.resolve("pg_wal")).resolve(NAME.text()));

        WalReader.Prepared prepared = prepare(LARGE, new ChunkPool(ChunkPool.CHUNKS));

        assertThat(prepared.body().length()).isEqualTo(-1);
        assertThat(unpack(sent(prepared))).isEqualTo(prepared.content());
        assertThat(prepared.content().size()).isEqualTo(LARGE.bytes());
    }

    @Test
    void a_segment_that_changes_before_it_is_streamed_is_not_sent() throws Exception {
        FakeWal wal = new FakeWal(data);
        wal.writeSegment(NAME.text(), 1);
        WalReader.Prepared prepared = prepare(FakeWal.SIZE, new ChunkPool(1));

        wal.writeSegment(NAME.text(), 2);

        assertThatThrownBy(() -> sent(prepared))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was changed while it was archived");
    }

    @Test
    void a_segment_with_a_page_from_elsewhere_does_not_leave() throws Exception {
        FakeWal wal = new FakeWal(data);
        byte[] bytes = FakeWal.content(FakeWal.segment(NAME.text()), FakeWal.SYSTEM, 1);
        int at = 70 * FakeWal.PAGE;
        System.arraycopy(bytes, 3 * FakeWal.PAGE, bytes, at, FakeWal.PAGE);
        wal.write(NAME.text(), bytes);

        assertThatThrownBy(() -> prepare(FakeWal.SIZE, new ChunkPool(ChunkPool.CHUNKS)))
                .isInstanceOfSatisfying(
                        WalReader.UnfitException.class,
                        it ->
                                assertThat(it.reason())
                                        .contains(NAME.text())
                                        .contains("page at 0/18C000: address 0/106000"));
    }

    /** Its end may be anywhere, and behind it lies what the file was used for before. */
    @Test
    void of_a_segment_that_was_left_only_the_beginning_counts() throws Exception {
        WalName partial = WalName.tryParse(NAME.text() + ".partial").orElseThrow();
        byte[] bytes = FakeWal.content(FakeWal.segment(NAME.text()), FakeWal.SYSTEM, 1);
        Arrays.fill(bytes, 5 * FakeWal.PAGE, 6 * FakeWal.PAGE, (byte) 0xA5);
        new FakeWal(data).write(partial.text(), bytes);

        try (SegmentBuffer buffer = new SegmentBuffer(3);
                PackedSegment packed = new ChunkPool(ChunkPool.CHUNKS).reserve(0)) {
            assertThat(reader(FakeWal.SIZE).prepare(partial, buffer, packed).content().size())
                    .isEqualTo(bytes.length);
        }
    }

    private WalReader.Prepared prepare(WalSegmentSize size, ChunkPool pool) throws Exception {
        try (SegmentBuffer buffer = new SegmentBuffer(3);
                PackedSegment packed = pool.reserve(0)) {
            return reader(size).prepare(NAME, buffer, packed);
        }
    }

    private static byte[] sent(WalReader.Prepared prepared) throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        prepared.body().writeTo(sent);
        return sent.toByteArray();
    }

    private WalReader reader(WalSegmentSize size) {
        RepositoryLayout layout = new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);
        return new WalReader(
                PushSettings.of(layout, size, "node1", data, data.resolve("spool")), Keyring.NONE);
    }

    private static void writeSparseSegment(Path file) throws Exception {
        ByteBuffer header = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(0, (short) 0xD110)
                .putShort(2, (short) 2)
                .putInt(4, 1)
                .putLong(8, LARGE.bytes())
                .putLong(24, FakeWal.SYSTEM.value())
                .putInt(32, (int) LARGE.bytes())
                .putInt(36, FakeWal.PAGE);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(header);
            channel.write(ByteBuffer.wrap(new byte[] {7}), LARGE.bytes() - 1);
        }
    }

    private static WalContent unpack(byte[] packed) throws Exception {
        MessageDigest digest = WalContent.digest();
        try (InputStream in =
                new DigestInputStream(
                        new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(packed)), digest)) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return WalContent.of(size, digest);
        }
    }
}
