package io.matriarch.archiver.catalogue;

import io.matriarch.postgres.host.ScratchList;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A file as the backup has it.
 *
 * @param path relative to the data directory
 * @param size in the bundle; what the file had beyond it when it was read is restored by replay
 * @param mode permission bits, in octal
 * @param crc32c of the content, eight hexadecimal digits, most significant first
 * @param bundle name of the object that holds it
 * @param offset of its first byte in the bundle's tar stream
 */
public record ManifestEntry(
        String path,
        long size,
        String mode,
        Instant modified,
        String crc32c,
        String bundle,
        long offset) {

    /** A checksum as {@link #crc32c} has it. */
    public static String text(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    public ManifestEntry withChecksum(String known) {
        return new ManifestEntry(path, size, mode, modified, known, bundle, offset);
    }

    public ManifestEntry in(String stored) {
        return new ManifestEntry(path, size, mode, modified, crc32c, stored, offset);
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
                            in.readLong());
                }
            };
}
