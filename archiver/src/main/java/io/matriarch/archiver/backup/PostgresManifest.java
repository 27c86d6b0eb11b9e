package io.matriarch.archiver.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.repository.RepositoryJson;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.StringJoiner;

/**
 * PostgreSQL's own {@code backup_manifest}, version 1, which {@code pg_verifybackup} of every
 * supported version reads (PostgreSQL manual, "Backup Manifest Format").
 */
final class PostgresManifest {

    static final String NAME = "backup_manifest";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private PostgresManifest() {}

    static byte[] of(List<ManifestEntry> files, BackupWal wal) {
        StringJoiner lines = new StringJoiner(",\n", "", "\n");
        files.forEach(file -> lines.add(line(file)));
        String text =
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n"
                        + lines
                        + "],\n\"WAL-Ranges\": [\n"
                        + "{ \"Timeline\": %d, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n"
                                .formatted(wal.timeline().value(), wal.start(), wal.stop());
        byte[] summed = text.getBytes(StandardCharsets.UTF_8);
        String sum = Sha256.hex(summed);
        return (text + "\"Manifest-Checksum\": \"" + sum + "\"}\n")
                .getBytes(StandardCharsets.UTF_8);
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
