package io.matriarch.archiver.push;

import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A pg_wal without a server: segments with true headers, and what PostgreSQL writes beside them.
 */
public final class FakeWal {

    public static final SystemIdentifier SYSTEM = new SystemIdentifier(7);
    public static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    public static final int PAGE = 8192;

    private final Path data;

    public FakeWal(Path data) throws IOException {
        this.data = data;
        Files.createDirectories(status());
    }

    public Path data() {
        return data;
    }

    private Path wal() {
        return data.resolve("pg_wal");
    }

    private Path status() {
        return wal().resolve("archive_status");
    }

    public static WalSegment segment(String name) {
        return WalSegment.parse(name, SIZE);
    }

    /** A segment's content: pages with their headers, and the same bytes for the same seed. */
    public static byte[] content(WalSegment segment, SystemIdentifier system, long seed) {
        byte[] bytes = new byte[(int) SIZE.bytes()];
        new Random(seed).nextBytes(bytes);
        ByteBuffer pages = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length; at += PAGE) {
            pages.putShort(at, (short) 0xD110)
                    .putShort(at + 2, (short) (at == 0 ? 2 : 0))
                    .putInt(at + 4, (int) segment.timeline().value())
                    .putLong(at + 8, segment.start().value() + at);
        }
        pages.putLong(24, system.value()).putInt(32, (int) SIZE.bytes()).putInt(36, PAGE);
        return bytes;
    }

    public void write(String name, byte[] content) throws IOException {
        Files.write(wal().resolve(name), content);
    }

    public void writeSegment(String name, long seed) throws IOException {
        write(name, content(segment(name), SYSTEM, seed));
    }

    public void ready(String name) throws IOException {
        Files.createFile(status().resolve(name + ".ready"));
    }

    public void done(String name) throws IOException {
        Files.move(status().resolve(name + ".ready"), status().resolve(name + ".done"));
    }
}
