package io.matriarch.archiver.catalogue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.matriarch.postgres.host.ScratchList;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file as the backup has it: the file itself, or, in an incremental backup, what has changed in
 * it.
 *
 * @param path relative to the data directory
 * @param size in the bundle; what the file had beyond it when it was read is restored by replay
 * @param mode permission bits, in octal
 * @param crc32c of the content, eight hexadecimal digits, most significant first
 * @param bundle name of the object that holds it
 * @param offset of its first byte in the bundle's tar stream
 * @param fileSize bytes of the whole file, if only what has changed in it is here; else empty
 */
public record ManifestEntry(
        String path,
        long size,
        String mode,
        Instant modified,
        String crc32c,
        String bundle,
        long offset,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> fileSize) {

    private static final long NONE = -1;

    public ManifestEntry {
        if (fileSize.isPresent() && !IncrementName.isOne(path)) {
            throw new IllegalArgumentException(
                    "increment: " + path + " (expected: the name of one)");
        }
    }

    /** A whole file. */
    public ManifestEntry(
            String path,
            long size,
            String mode,
            Instant modified,
            String crc32c,
            String bundle,
            long offset) {
        this(path, size, mode, modified, crc32c, bundle, offset, Optional.empty());
    }

    /** Whether only what has changed in the file is here. */
    @JsonIgnore
    public boolean isIncrement() {
        return fileSize.isPresent();
    }

    /** The path of the file in the data directory. */
    public String filePath() {
        return isIncrement() ? IncrementName.fileOf(path) : path;
    }

    /** How many bytes the file has in the data directory. */
    public long fileBytes() {
        return fileSize.orElse(size);
    }

    /** A checksum as {@link #crc32c} has it. */
    public static String text(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /**
     * The file that an increment belongs to, put together.
     *
     * @param known its checksum
     */
    public ManifestEntry whole(String known) {
        return new ManifestEntry(filePath(), fileBytes(), mode, modified, known, bundle, offset);
    }

    public ManifestEntry withSize(long known) {
        return new ManifestEntry(path, known, mode, modified, crc32c, bundle, offset, fileSize);
    }

    public ManifestEntry withChecksum(String known) {
        return new ManifestEntry(path, size, mode, modified, known, bundle, offset, fileSize);
    }

    public ManifestEntry in(String stored) {
        return new ManifestEntry(path, size, mode, modified, crc32c, stored, offset, fileSize);
    }

    /** As it lies in a scratch file, which nobody else reads. */
    public static final ScratchList.Codec<ManifestEntry> CODEC =
            new ScratchList.Codec<>() {
                @Override
                public void write(ManifestEntry entry, DataOutput out) throws IOException {
                    out.writeUTF(entry.path);
                    out.writeLong(entry.size);
                    out.writeUTF(entry.mode);
                    out.writeLong(entry.modified.getEpochSecond());
                    out.writeInt(entry.modified.getNano());
                    out.writeUTF(entry.crc32c);
                    out.writeUTF(entry.bundle);
                    out.writeLong(entry.offset);
                    out.writeLong(entry.fileSize.orElse(NONE));
                }

                @Override
                public ManifestEntry read(DataInput in) throws IOException {
                    return new ManifestEntry(
                            in.readUTF(),
                            in.readLong(),
                            in.readUTF(),
                            Instant.ofEpochSecond(in.readLong(), in.readInt()),
                            in.readUTF(),
                            in.readUTF(),
                            in.readLong(),
                            Optional.of(in.readLong()).filter(bytes -> bytes != NONE));
                }
            };
}
