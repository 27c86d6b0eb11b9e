package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.postgresql.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain unpacked by {@code zstd} and {@code tar}, and put together by the script in
 * docs/restore-by-hand.md.
 */
record ChainByHand(TestCluster cluster) {

    private static final Path DOCUMENT = Path.of("../docs/restore-by-hand.md");
    private static final String BEGIN = "```python combine\n";

    /** The data directory that comes out. */
    Path of(List<BaseBackup> chain) throws IOException, InterruptedException {
        Path script = cluster.fresh("combine.py");
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        Files.writeString(script, document.substring(begin, document.indexOf("```", begin)));
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
        Path last = script;
        for (BaseBackup backup : chain) {
            last = unpacked(backup);
            command.add(last.toString());
        }
        TestCluster.run(command.toArray(String[]::new));
        return last;
    }

    private Path unpacked(BaseBackup backup) throws IOException, InterruptedException {
        Path into = TestCluster.own(Files.createDirectory(cluster.fresh("raw-" + backup.id())));
        Files.setPosixFilePermissions(into, PosixFilePermissions.fromString("rwx------"));
        Path bundles = cluster.repository().resolve(cluster.layout().backupFolder(backup.id()));
        TestCluster.run(
                "sh",
                "-ec",
                "for bundle in %1$s/bundle-*.tar.zst; do zstd -q -d < $bundle | tar -x -C %2$s; done; rm %2$s/tablespace_map"
                        .formatted(bundles, into));
        return into;
    }
}
