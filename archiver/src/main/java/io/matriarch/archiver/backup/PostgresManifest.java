package io.matriarch.archiver.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.repository.RepositoryJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * PostgreSQL's own {@code backup_manifest}, version 1, which {@code pg_verifybackup} of every
 * supported version reads (PostgreSQL manual, "Backup Manifest Format").
 */
final class PostgresManifest {

    static final String NAME = "backup_manifest";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private PostgresManifest() {}

    /** Line by line: with many files the text is big, and is held once only. */
    static byte[] of(List<ManifestEntry> files, BackupWal wal) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        MessageDigest digest = Sha256.newDigest();
        Consumer<String> out =
                text -> {
                    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                    digest.update(utf8);
                    bytes.writeBytes(utf8);
                };
        out.accept("{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n");
        String separator = "";
        for (ManifestEntry file : files) {
            out.accept(separator + line(file));
            separator = ",\n";
        }
        out.accept("\n],\n\"WAL-Ranges\": [\n");
        out.accept(
                "{ \"Timeline\": %d, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n"
                        .formatted(wal.timeline().value(), wal.start(), wal.stop()));
        String sum = HexFormat.of().formatHex(digest.digest());
        bytes.writeBytes(
                ("\"Manifest-Checksum\": \"" + sum + "\"}\n").getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    private static String line(ManifestEntry file) {
        return ("{ \"Path\": %s, \"Size\": %d, \"Last-Modified\": \"%s\","
                        + " \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"%s\" }")
                .formatted(
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
