package io.matriarch.archiver.backup;

import io.matriarch.archiver.bundle.DigestStream;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BackupWal;
import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.PostgresManifest;
import io.matriarch.archiver.postgresql.SidecarMemory;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.host.ScratchFile;
import io.matriarch.postgres.host.ScratchList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Both manifests of a great many files: noted, checked, written and read, as a backup does it. */
final class ManyEntriesProcess {

    private static final int IN_A_BUNDLE = 4_000;
    private static final int BYTES = 16;

    private ManyEntriesProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (SidecarMemory _ = SidecarMemory.occupied();
                ScratchList<ManifestEntry> files = new ScratchList<>(folder, ManifestEntry.CODEC);
                FileChannel written = ScratchFile.open(folder)) {
            List<BackupObject> bundles = note(files, Integer.parseInt(arguments[1]));
            FileManifest manifest =
                    new FileManifest(
                            1,
                            List.of(
                                    new DataFolder("base", "0700"),
                                    new DataFolder("global", "0700")),
                            files::each);
            ManifestCheck.require(manifest, bundles, List.of());
            PostgresManifest.write(
                    OutputStream.nullOutputStream(),
                    new PostgresManifest.Origin(150_000, new SystemIdentifier(7), wal()),
                    files::each);
            manifest.writeTo(new DigestStream(Channels.newOutputStream(written)));
            read(written);
        }
    }

    private static List<BackupObject> note(ScratchList<ManifestEntry> files, int count) {
        List<BackupObject> bundles = new ArrayList<>();
        String bundle = "";
        for (int i = 0; i < count; i++) {
            if (i % IN_A_BUNDLE == 0) {
                bundle = RepositoryLayout.bundleName(bundles.size());
                bundles.add(new BackupObject(bundle, 1, "ab".repeat(32)));
            }
            files.add(
                    new ManifestEntry(
                            path(count - 1 - i),
                            BYTES,
                            "0600",
                            Instant.ofEpochSecond(i),
                            "%08x".formatted(i),
                            bundle,
                            512 + i % IN_A_BUNDLE * 1_024L));
        }
        return bundles;
    }

    /** The few that no server can do without are among them. */
    private static String path(int number) {
        return switch (number) {
            case 0 -> "global/pg_control";
            case 1 -> PostgresManifest.NAME;
            case 2 -> "backup_label";
            case 3 -> "PG_VERSION";
            default -> "base/a-folder-with-a-name-of-some-length-" + number;
        };
    }

    private static void read(FileChannel written) throws IOException {
        LongAdder files = new LongAdder();
        LongAdder bytes = new LongAdder();
        FileManifest.read(
                Channels.newInputStream(written.position(0)),
                file -> {
                    files.increment();
                    bytes.add(file.size());
                });
        System.out.println("read " + files + " files of " + bytes + " bytes");
    }

    private static BackupWal wal() {
        return new BackupWal(
                TimelineId.FIRST,
                new Lsn(1),
                new Lsn(2),
                Instant.EPOCH,
                Instant.EPOCH,
                Optional.empty());
    }
}
