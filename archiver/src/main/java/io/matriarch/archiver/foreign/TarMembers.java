package io.matriarch.archiver.foreign;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Goes through a tar file to its end, and makes sure that it has one. */
final class TarMembers {

    /** What a tar ends with. */
    private static final int END = 1_024;

    private TarMembers() {}

    /** What becomes of a member. */
    @FunctionalInterface
    interface Member {

        /**
         * @param path relative, as it stands in the tar: it may lead anywhere
         * @param content of a file
         */
        void take(String path, TarArchiveEntry entry, InputStream content) throws IOException;
    }

    /**
     * A member's name without what stands for the top of the data directory: WAL-G begins each with
     * a slash. Empty for that directory itself.
     */
    static String path(String name) {
        int from = 0;
        while (name.startsWith("/", from) || name.startsWith("./", from)) {
            from += name.startsWith("/", from) ? 1 : 2;
        }
        int to = name.length();
        while (to > from && name.charAt(to - 1) == '/') {
            to--;
        }
        String path = name.substring(from, to);
        return path.equals(".") ? "" : path;
    }

    static void each(InputStream plain, Member member) throws IOException {
        Zeros zeros = new Zeros(plain);
        TarArchiveInputStream tar = new TarArchiveInputStream(zeros, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            member.take(path(entry.getName()), entry, tar);
        }
        zeros.transferTo(OutputStream.nullOutputStream());
        if (zeros.count < END) {
            throw new IOException("truncated: the tar has no end");
        }
    }

    /** Counts the zeros since the last byte that is none. */
    private static final class Zeros extends FilterInputStream {

        private long count;

        Zeros(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            int zeros = 0;
            while (zeros < read && bytes[offset + read - 1 - zeros] == 0) {
                zeros++;
            }
            if (read > 0) {
                count = zeros == read ? count + read : zeros;
            }
            return read;
        }

        /** Skipped bytes would not be counted. */
        @Override
        public long skip(long wanted) throws IOException {
            byte[] step = new byte[(int) Math.min(wanted, 64 << 10)];
            long left = wanted;
            while (left > 0) {
                int read = read(step, 0, (int) Math.min(left, step.length));
                if (read < 0) {
                    break;
                }
                left -= read;
            }
            return wanted - left;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
