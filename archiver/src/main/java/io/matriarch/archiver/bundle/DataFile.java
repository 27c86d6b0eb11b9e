package io.matriarch.archiver.bundle;

import io.matriarch.archiver.increment.PagedFile;
import io.matriarch.postgres.host.ScratchList;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A file that the scan found, to be copied.
 *
 * @param path relative to the data directory, with {@code /}; files of a tablespace below {@code
 *     pg_tblspc/<oid>/}
 * @param size at the time of the scan; it may have changed when the file is read
 */
public record DataFile(String path, long size) {

    /** As it lies in a scratch file, which nobody else reads. */
    public static final ScratchList.Codec<DataFile> CODEC =
            new ScratchList.Codec<>() {
                @Override
                public void write(DataFile file, DataOutput out) throws IOException {
                    out.writeUTF(file.path);
                    out.writeLong(file.size);
                }

                @Override
                public DataFile read(DataInput in) throws IOException {
                    return new DataFile(in.readUTF(), in.readLong());
                }
            };

    /** Whether relations lie in this file's folder. */
    public boolean isInDatabase() {
        return PagedFile.isInDatabase(path);
    }

    /** The last part of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
