package io.matriarch.postgres.host;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A list that may be too long for the memory: it grows at its end, in a {@link ScratchFile}, and is
 * read from its beginning on, or a run of it by itself. Several threads may use it. Trouble with
 * the file is a {@link ScratchException}.
 */
public final class ScratchList<T> implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    /** How an item is written and read. */
    public interface Codec<T> {
        void write(T item, DataOutput out) throws IOException;

        T read(DataInput in) throws IOException;
    }

    /**
     * Items that follow each other.
     *
     * @param position of the first one in the file
     */
    public record Run(long position, int count) {

        /** The same run with one item more, which was added right behind it. */
        public Run withNext() {
            return new Run(position, count + 1);
        }
    }

    private final Path folder;
    private final FileChannel file;
    private final Codec<T> codec;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(BUFFER_BYTES);
    private final DataOutputStream encoder = new DataOutputStream(pending);
    private long written;
    private long size;

    /**
     * @param folder where the file lies, though nobody sees it
     */
    public ScratchList(Path folder, Codec<T> codec) throws IOException {
        this.folder = folder;
        this.file = ScratchFile.open(folder);
        this.codec = codec;
    }

    public synchronized long size() {
        return size;
    }

    /** Adds an item; returns the run of it alone. */
    public synchronized Run add(T item) {
        Run run = new Run(written + pending.size(), 1);
        try {
            codec.write(item, encoder);
            if (pending.size() >= BUFFER_BYTES) {
                flush();
            }
        } catch (IOException e) {
            throw new ScratchException(folder, e);
        }
        size++;
        return run;
    }

    /** Adds items, one right behind the other. */
    public synchronized Run addAll(List<T> items) {
        Run run = new Run(written + pending.size(), items.size());
        items.forEach(this::add);
        return run;
    }

    /** The items of a run. */
    public List<T> read(Run run) {
        List<T> items = new ArrayList<>(run.count());
        each(run.position(), run.count(), items::add);
        return items;
    }

    /** Shows all items in their order. */
    public void each(Consumer<T> seen) {
        each(0, size(), seen);
    }

    private void each(long position, long count, Consumer<T> seen) {
        try {
            flush();
            DataInputStream in =
                    new DataInputStream(
                            new BufferedInputStream(new Reading(position), BUFFER_BYTES));
            for (long i = 0; i < count; i++) {
                seen.accept(codec.read(in));
            }
        } catch (IOException e) {
            throw new ScratchException(folder, e);
        }
    }

    private synchronized void flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        while (bytes.hasRemaining()) {
            written += file.write(bytes, written);
        }
        pending.reset();
    }

    /** Reads on in the file, wherever others read meanwhile. */
    private final class Reading extends InputStream {

        private long position;

        Reading(long position) {
            this.position = position;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = file.read(ByteBuffer.wrap(bytes, offset, length), position);
            position += Math.max(0, read);
            return read;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new ScratchException(folder, e);
        }
    }
}
