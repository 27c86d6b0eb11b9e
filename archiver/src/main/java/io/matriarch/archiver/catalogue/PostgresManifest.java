package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.SystemIdentifier;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * PostgreSQL's own {@code backup_manifest}, as the server's own version writes it (PostgreSQL
 * manual, "Backup Manifest Format").
 */
public final class PostgresManifest {

    public static final String NAME = "backup_manifest";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private static final int BUFFER_BYTES = 64 << 10;

    private PostgresManifest() {}

    /**
     * Whose data directory it is, and what log makes it consistent: from PostgreSQL 17 on the
     * manifest, of version 2, tells the system too.
     *
     * @param version {@code server_version_num}
     */
    public record Origin(int version, SystemIdentifier systemIdentifier, BackupWal wal) {

        private static final int SECOND = 170_000;

        String firstLines() {
            String first = "{ \"PostgreSQL-Backup-Manifest-Version\": ";
            return version < SECOND
                    ? first + "1,\n"
                    : first + "2,\n\"System-Identifier\": " + systemIdentifier + ",\n";
        }
    }

    /** Line by line: with many files the text is big. {@code out} stays open. */
    public static void write(OutputStream out, Origin origin, FileManifest.Files files)
            throws IOException {
        MessageDigest digest = Sha256.newDigest();
        OutputStream text =
                new BufferedOutputStream(new DigestOutputStream(out, digest), BUFFER_BYTES);
        put(text, origin.firstLines() + "\"Files\": [\n");
        try {
            AtomicBoolean isFirst = new AtomicBoolean(true);
            files.each(file -> {
                try {
                    put(text, (isFirst.getAndSet(false) ? "" : ",\n") + line(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        put(text, "\n],\n\"WAL-Ranges\": [\n");
        put(
                text,
                String.format(
                        Locale.ROOT,
                        "{ \"Timeline\": %d, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n",
                        origin.wal().timeline().value(),
                        origin.wal().start(),
                        origin.wal().stop()));
        text.flush();
        String sum = HexFormat.of().formatHex(digest.digest());
        put(out, "\"Manifest-Checksum\": \"" + sum + "\"}\n");
        out.flush();
    }

    private static void put(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String line(ManifestEntry file) {
        return String.format(
                Locale.ROOT,
                "{ \"Path\": %s, \"Size\": %d, \"Last-Modified\": \"%s\","
                        + " \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"%s\" }",
                quoted(file.path()),
                file.size(),
                TIME.format(file.modified()),
                inMemoryOrder(file.crc32c()));
    }

    /**
     * PostgreSQL prints the four bytes of a CRC as they lie in the memory of a little-endian
     * machine.
     */
    private static String inMemoryOrder(String crc) {
        return crc.substring(6) + crc.substring(4, 6) + crc.substring(2, 4) + crc.substring(0, 2);
    }

    private static String quoted(String path) {
        try {
            return RepositoryJson.mapper().writeValueAsString(path);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + path, e);
        }
    }
}
