package io.matriarch.archiver.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;

/** Whom the entries of a bundle say they belong to: the owner of the data directory. */
public record TarOwner(int userId, int groupId, String user, String group) {

    /** The owner of {@code dataDirectory}. */
    public static TarOwner of(Path dataDirectory) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(dataDirectory, PosixFileAttributes.class);
        return new TarOwner(
                (Integer) Files.getAttribute(dataDirectory, "unix:uid"),
                (Integer) Files.getAttribute(dataDirectory, "unix:gid"),
                attributes.owner().getName(),
                attributes.group().getName());
    }
}
