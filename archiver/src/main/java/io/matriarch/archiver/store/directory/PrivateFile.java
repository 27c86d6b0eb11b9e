package io.matriarch.archiver.store.directory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that nobody but their user may read, at no moment and under no umask. */
final class PrivateFile {

    private static final Set<PosixFilePermission> OF_USER =
            PosixFilePermissions.fromString("rw-------");

    private PrivateFile() {}

    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OF_USER));
    }
}
