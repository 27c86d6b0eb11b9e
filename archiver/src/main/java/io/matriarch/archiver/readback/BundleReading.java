package io.matriarch.archiver.readback;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.store.StoredContent;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks one bundle, and proves it: the object's digest against {@code backup.json}, each file's
 * checksum against the manifest, and that neither has a file more than the other.
 */
public final class BundleReading {

    private static final int BUFFER_BYTES = 64 << 10;

    private final Download download;

    public BundleReading(Download download) {
        this.download = download;
    }

    /** What becomes of the files that a bundle holds. */
    @FunctionalInterface
    public interface FileSink {

        /**
         * Takes a file.
         *
         * @param content as many bytes as the file has, and then others
         * @return the CRC-32C of what was read, as the manifest writes it
         * @throws IOException if the content cannot be read
         */
        String take(ManifestEntry file, InputStream content) throws IOException;
    }

    /** Reads files to their ends, and keeps nothing. */
    public static String prove(ManifestEntry file, InputStream content) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[Math.clamp(file.size(), 1, BUFFER_BYTES)];
        for (long rest = file.size(); rest > 0; ) {
            int length = content.readNBytes(buffer, 0, (int) Math.min(rest, buffer.length));
            if (length == 0) {
                throw new IOException("ends within " + file.path());
            }
            crc.update(buffer, 0, length);
            rest -= length;
        }
        return ManifestEntry.text(crc);
    }

    /**
     * Reads the object under {@code key}, which has to hold exactly {@code expected}.
     *
     * @throws RestoreException if it is damaged, or missing
     */
    public void read(String key, BackupObject object, List<ManifestEntry> expected, FileSink sink) {
        download.read(
                key,
                stored -> {
                    unpack(key, object, expected, sink, stored, download.keyring());
                    return key;
                });
    }

    private static void unpack(
            String key,
            BackupObject object,
            List<ManifestEntry> expected,
            FileSink sink,
            InputStream stored,
            Keyring keyring)
            throws IOException {
        MessageDigest digest = Sha256.newDigest();
        Counted counted = new Counted(new DigestInputStream(stored, digest));
        Map<String, ManifestEntry> missing = new HashMap<>();
        expected.forEach(entry -> missing.put(entry.path(), entry));
        try {
            unpack(missing, sink, counted, keyring);
        } catch (LockedException e) {
            // A damaged one must not pass for one of another key.
            require(key, object, counted, digest);
            throw e;
        } catch (IOException e) {
            // Naming the size tells a truncated object from one with flipped bits.
            throw e.getCause() == null && counted.isAtEnd() && counted.count < object.size()
                    ? new IOException(sizes(counted.count, object.size()), e)
                    : e;
        }
        require(key, object, counted, digest);
        if (!missing.isEmpty()) {
            throw Download.damaged(key, "lacks the files " + missing.keySet(), null);
        }
    }

    /** Reads what is left, and proves the stored bytes. */
    private static void require(
            String key, BackupObject object, Counted counted, MessageDigest digest)
            throws IOException {
        counted.transferTo(OutputStream.nullOutputStream());
        if (counted.count != object.size()) {
            throw Download.damaged(key, sizes(counted.count, object.size()), null);
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(object.sha256())) {
            throw Download.damaged(
                    key, "SHA-256 " + found + " (expected: " + object.sha256() + ")", null);
        }
    }

    private static String sizes(long found, long expected) {
        return "truncated: " + found + " bytes (expected: " + expected + ")";
    }

    private static void unpack(
            Map<String, ManifestEntry> missing, FileSink sink, InputStream stored, Keyring keyring)
            throws IOException {
        InputStream plain = StoredContent.plain(keyring.decrypting(stored));
        TarArchiveInputStream tar = new TarArchiveInputStream(plain, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            if (entry.isDirectory()) {
                continue;
            }
            ManifestEntry file = missing.remove(entry.getName());
            if (file == null || entry.getSize() != file.size()) {
                throw new IOException("holds " + entry.getName() + ", unlike the manifest");
            }
            String crc = sink.take(file, tar);
            if (!crc.equals(file.crc32c())) {
                throw new IOException(
                        file.path() + " has CRC-32C " + crc + " (expected: " + file.crc32c() + ")");
            }
        }
        // Beyond the tar's end lies the checksum of the compressed frame.
        plain.transferTo(OutputStream.nullOutputStream());
    }

    /** Counts the stored bytes as they are read. */
    private static final class Counted extends FilterInputStream {

        private long count;
        private boolean isEnded;

        Counted(InputStream in) {
            super(in);
        }

        boolean isAtEnd() {
            return isEnded;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (read < 0) {
                isEnded = true;
            } else {
                count += read;
            }
            return read;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
