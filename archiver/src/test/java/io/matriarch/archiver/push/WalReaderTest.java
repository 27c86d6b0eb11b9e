package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalReaderTest {

    private static final WalSegmentSize LARGE = new WalSegmentSize(128L << 20);

    @Test
    void a_segment_too_large_for_memory_is_streamed_whole(@TempDir Path data) throws Exception {
        WalName name = WalName.tryParse("000000010000000000000001").orElseThrow();
        writeSparseSegment(Files.createDirectories(data.resolve("pg_wal")).resolve(name.text()));
        WalReader reader = new WalReader(settings(data));

        WalReader.Prepared prepared = reader.prepare(name, Optional.empty());

        assertThat(reader.needsBuffer(name)).isFalse();
        assertThat(prepared.body().length()).isEqualTo(-1);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        prepared.body().writeTo(sent);
        assertThat(unpack(sent.toByteArray())).isEqualTo(prepared.content());
        assertThat(prepared.content().size()).isEqualTo(LARGE.bytes());
    }

    private static PushSettings settings(Path data) {
        RepositoryLayout layout = new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);
        return PushSettings.of(layout, LARGE, "node1", data, data.resolve("spool"));
    }

    private static void writeSparseSegment(Path file) throws Exception {
        ByteBuffer header = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(0, (short) 0xD110)
                .putShort(2, (short) 2)
                .putInt(4, 1)
                .putLong(8, LARGE.bytes())
                .putLong(24, FakeWal.SYSTEM.value())
                .putInt(32, (int) LARGE.bytes());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(header);
            channel.write(ByteBuffer.wrap(new byte[] {7}), LARGE.bytes() - 1);
        }
    }

    private static WalContent unpack(byte[] packed) throws Exception {
        MessageDigest digest = WalReader.sha256();
        try (InputStream in =
                new DigestInputStream(
                        new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(packed)), digest)) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return new WalContent(size, WalReader.hex(digest));
        }
    }
}
