package io.matriarch.archiver.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written once, from its beginning to its end. A large one goes past the page cache
 * where the file system can do that: copying a whole cluster into memory, only to have the kernel
 * write it out again, takes longer than everything else that a restore does, and drives out what
 * the host's other programs have there. Nobody writes it later for us then, so that is done by a
 * thread of its own, while the next bytes come.
 *
 * <p>Trouble with it is never an {@link IOException}, which in a restore means the object's bytes.
 */
final class NewFile implements AutoCloseable {

    private static final int SMALL_BUFFER_BYTES = 256 << 10;
    private static final int BUFFER_BYTES = 512 << 10;
    private static final int BUFFERS = 4;
    private static final long LARGE = 1 << 20;
    private static final Set<OpenOption> ANEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path place;
    private final FileChannel channel;
    private final int block;
    private final @Nullable WriteBehind behind;
    private ByteBuffer buffer;
    private long written;
    private boolean isHandedOver;

    /**
     * @param buffer a whole number of blocks
     * @param block only whole blocks can be written
     */
    private NewFile(
            Path place,
            FileChannel channel,
            ByteBuffer buffer,
            int block,
            @Nullable WriteBehind behind) {
        this.place = place;
        this.channel = channel;
        this.buffer = buffer;
        this.block = block;
        this.behind = behind;
    }

    /**
     * Creates it, in place of what is there: that may have no right to be written, or a second name
     * elsewhere.
     *
     * @param size how long it will be
     */
    static NewFile create(Path place, long size) {
        int capacity = Math.clamp(size, 1, SMALL_BUFFER_BYTES);
        try {
            if (size >= LARGE) {
                try {
                    return uncached(place);
                } catch (IOException | UnsupportedOperationException e) {
                    // Whatever it is: the ordinary way works too, or says why not.
                }
            }
            Files.deleteIfExists(place);
            FileChannel channel = FileChannel.open(place, ANEW);
            return new NewFile(place, channel, ByteBuffer.allocate(capacity), 1, null);
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }

    private static NewFile uncached(Path place) throws IOException {
        int block = Math.toIntExact(Files.getFileStore(place.resolveSibling("")).getBlockSize());
        if (block <= 0 || BUFFER_BYTES % block != 0) {
            throw new UnsupportedOperationException("blocks of " + block + " bytes");
        }
        ByteBuffer buffer = blocks(block);
        Files.deleteIfExists(place);
        FileChannel channel =
                FileChannel.open(
                        place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, direct());
        try {
            // Some file systems refuse only what is written.
            channel.write(buffer.duplicate().limit(block), 0);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        List<ByteBuffer> others = Stream.generate(() -> blocks(block)).limit(BUFFERS - 1).toList();
        return new NewFile(place, channel, buffer, block, new WriteBehind(channel, others));
    }

    private static ByteBuffer blocks(int block) {
        return ByteBuffer.allocateDirect(BUFFER_BYTES + block)
                .alignedSlice(block)
                .slice(0, BUFFER_BYTES);
    }

    /** The JDK has it, but its compiler warns of whoever names it. */
    private static OpenOption direct() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Arrays.stream(options)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst()
                    .orElseThrow(UnsupportedOperationException::new);
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException(e);
        }
    }

    void append(byte[] bytes, int length) {
        int at = 0;
        while (at < length) {
            int fits = Math.min(buffer.remaining(), length - at);
            buffer.put(bytes, at, fits);
            at += fits;
            if (!buffer.hasRemaining()) {
                flush();
            }
        }
    }

    /**
     * Writes out the rest; what the last block has too much is cut off.
     *
     * @return the file, still to be forced and closed: only who has written it hears of every
     *     trouble with what was written
     */
    FileChannel end() {
        long size = written + buffer.position();
        while (buffer.position() % block != 0) {
            buffer.put((byte) 0);
        }
        flush();
        try {
            if (behind != null) {
                behind.await();
                behind.close();
            }
            if (written > size) {
                channel.truncate(size);
            }
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
        isHandedOver = true;
        return channel;
    }

    private void flush() {
        buffer.flip();
        int length = buffer.remaining();
        try {
            buffer = behind == null ? write(buffer) : behind.append(buffer);
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
        written += length;
    }

    private ByteBuffer write(ByteBuffer full) throws IOException {
        for (long at = written; full.hasRemaining(); ) {
            at += channel.write(full, at);
        }
        return full.clear();
    }

    /** What was not handed over is of no use to anybody. */
    @Override
    public void close() {
        if (isHandedOver) {
            return;
        }
        try (channel) {
            if (behind != null) {
                behind.close();
            }
            Files.deleteIfExists(place);
        } catch (IOException e) {
            throw RestoredFiles.trouble(place, e);
        }
    }
}
