package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.BundleContent;
import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.BundleWriter;
import io.matriarch.archiver.bundle.TarOwner;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.PostgresManifest;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.postgres.datadir.BackupLabel;
import io.matriarch.postgres.host.ScratchFile;
import io.matriarch.postgres.sql.BackupEnd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bundle that makes the rest a data directory, its members in the order in which they are to be
 * unpacked: {@code pg_control}, without which no server starts, is the last.
 */
final class LastBundle implements BundleUpload.Bundle, AutoCloseable {

    private static final String LABEL = "backup_label";
    private static final String CONTROL = "global/pg_control";

    private final TarOwner owner;
    private final Keyring keyring;
    private final byte[] label;
    private final byte[] map;
    private final byte[] control;
    private final Instant time;
    private final FileChannel manifest;
    private @Nullable BundleContent content;

    /**
     * @param files all other files of the backup
     * @param folder where PostgreSQL's manifest is written first: its length must be known
     */
    LastBundle(
            TarOwner owner,
            Keyring keyring,
            FileManifest.Files files,
            PostgresManifest.Origin origin,
            BackupEnd end,
            byte[] control,
            Path folder)
            throws IOException {
        this.owner = owner;
        this.keyring = keyring;
        this.label = label(end.label(), origin.wal()).getBytes(StandardCharsets.UTF_8);
        this.map = end.tablespaceMap().getBytes(StandardCharsets.UTF_8);
        this.control = control;
        this.time = end.time();
        this.manifest = ScratchFile.open(folder);
        try {
            // The tablespaces' links are made by the restore, as pg_basebackup makes them: no map.
            PostgresManifest.write(
                    Channels.newOutputStream(manifest),
                    origin,
                    seen -> {
                        files.each(seen);
                        seen.accept(entry(LABEL, label));
                        seen.accept(entry(CONTROL, control));
                    });
        } catch (IOException | RuntimeException e) {
            manifest.close();
            throw e;
        }
    }

    private static String label(BackupLabel label, BackupWal wal) {
        return wal.base()
                .map(it -> label.incrementalFrom(it.start(), wal.timeline()))
                .orElse(label)
                .text();
    }

    private ManifestEntry entry(String path, byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        String sum = ManifestEntry.text(crc);
        return new ManifestEntry(path, bytes.length, "0600", time, sum, "", 0);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        content = null;
        try (BundleWriter writer = new BundleWriter(out, keyring, 1, owner)) {
            writer.file(LABEL, label, time);
            if (map.length > 0) {
                writer.file("tablespace_map", map, time);
            }
            writer.file(
                    PostgresManifest.NAME,
                    Channels.newInputStream(manifest.position(0)),
                    manifest.size(),
                    time);
            writer.file(CONTROL, control, time);
            content = writer.end();
        }
    }

    @Override
    public BundleContent content() {
        if (content == null) {
            throw new IllegalStateException("a bundle was confirmed that was never written whole");
        }
        return content;
    }

    @Override
    public void close() throws IOException {
        manifest.close();
    }
}
