package io.matriarch.archiver.increment;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.CorruptPages;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.postgres.datadir.PageChecksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The relation files that another backup has, and how long each was. Memory: some 100 bytes for
 * each; the names themselves are not held.
 */
public final class ParentFiles {

    private final Map<Fingerprint, Integer> blocks;

    /** Half of a path's SHA-256: no two paths have the same. */
    private record Fingerprint(long high, long low) {

        static Fingerprint of(String path) {
            byte[] digest = Sha256.newDigest().digest(path.getBytes(StandardCharsets.UTF_8));
            ByteBuffer bytes = ByteBuffer.wrap(digest);
            return new Fingerprint(bytes.getLong(), bytes.getLong());
        }
    }

    private ParentFiles(Map<Fingerprint, Integer> blocks) {
        this.blocks = blocks;
    }

    /**
     * Those of a backup.
     *
     * @param files all that it has
     */
    public static ParentFiles of(BaseBackup backup, FileManifest.Files files) {
        Set<String> corrupt =
                backup.corruptPages().stream().map(CorruptPages::path).collect(Collectors.toSet());
        Map<Fingerprint, Integer> blocks = new HashMap<>();
        files.each(file -> {
            String path = file.filePath();
            long size = file.fileBytes();
            // A page that was corrupt then must not come back from there.
            if (PagedFile.isOne(path, size) && !corrupt.contains(path)) {
                blocks.put(Fingerprint.of(path), (int) (size / PageChecksum.PAGE_BYTES));
            }
        });
        return new ParentFiles(blocks);
    }

    /** How many blocks a file had then; empty if it must be stored whole. */
    public OptionalInt blocks(String path) {
        Integer found = blocks.get(Fingerprint.of(path));
        return found == null ? OptionalInt.empty() : OptionalInt.of(found);
    }
}
