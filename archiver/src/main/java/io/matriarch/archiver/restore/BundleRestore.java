package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
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
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks one bundle, and proves it: the object's digest against {@code backup.json}, each file's
 * checksum against the manifest, and that neither has a file more than the other.
 */
final class BundleRestore {

    private final Download download;
    private final RestoredFiles files;
    private final Set<String> held;
    private final ConcurrentMap<String, byte[]> heldContent;

    /**
     * @param held paths that are not written but put into {@code heldContent}: they make the
     *     directory one that a server starts from
     */
    BundleRestore(
            Download download,
            RestoredFiles files,
            Set<String> held,
            ConcurrentMap<String, byte[]> heldContent) {
        this.download = download;
        this.files = files;
        this.held = held;
        this.heldContent = heldContent;
    }

    /**
     * Unpacks the object under {@code key}, which has to hold exactly {@code expected}.
     *
     * @param kept what is in place already
     */
    void restore(String key, BackupObject object, List<ManifestEntry> expected, Set<String> kept) {
        download.read(
                key,
                stored -> {
                    unpack(key, object, expected, kept, stored);
                    return key;
                });
    }

    private void unpack(
            String key,
            BackupObject object,
            List<ManifestEntry> expected,
            Set<String> kept,
            InputStream stored)
            throws IOException {
        MessageDigest digest = Sha256.newDigest();
        Counted counted = new Counted(new DigestInputStream(stored, digest));
        Map<String, ManifestEntry> missing = new HashMap<>();
        expected.forEach(entry -> missing.put(entry.path(), entry));
        try {
            unpack(missing, kept, counted);
        } catch (IOException e) {
            // Naming the size tells a truncated object from one with flipped bits.
            throw e.getCause() == null && counted.isAtEnd() && counted.count < object.size()
                    ? new IOException(sizes(counted.count, object.size()), e)
                    : e;
        }
        counted.transferTo(OutputStream.nullOutputStream());
        if (counted.count != object.size()) {
            throw Download.damaged(key, sizes(counted.count, object.size()), null);
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(object.sha256())) {
            throw Download.damaged(
                    key, "SHA-256 " + found + " (expected: " + object.sha256() + ")", null);
        }
        if (!missing.isEmpty()) {
            throw Download.damaged(key, "lacks the files " + missing.keySet(), null);
        }
    }

    private static String sizes(long found, long expected) {
        return "truncated: " + found + " bytes (expected: " + expected + ")";
    }

    private void unpack(Map<String, ManifestEntry> missing, Set<String> kept, InputStream stored)
            throws IOException {
        InputStream plain = StoredContent.plain(stored);
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
            if (!kept.contains(file.path())) {
                restore(file, tar);
            }
        }
        // Beyond the tar's end lies the checksum of the compressed frame.
        plain.transferTo(OutputStream.nullOutputStream());
    }

    private void restore(ManifestEntry file, InputStream content) throws IOException {
        String crc;
        if (held.contains(file.path())) {
            byte[] bytes = content.readNBytes((int) file.size());
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            crc = ManifestEntry.text(sum);
            heldContent.put(file.path(), bytes);
        } else {
            crc = files.write(file, content);
        }
        if (!crc.equals(file.crc32c())) {
            throw new IOException(
                    file.path() + " has CRC-32C " + crc + " (expected: " + file.crc32c() + ")");
        }
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
