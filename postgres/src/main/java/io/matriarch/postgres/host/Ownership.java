package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;

/** Gives files that are made here to the user who will run the server on them. */
public sealed interface Ownership {

    /** Files belong to whoever creates them. */
    record Ours() implements Ownership {}

    /** Files are handed over to another user, and the group of the same name if there is one. */
    record Handed(UserPrincipal user, Optional<GroupPrincipal> group) implements Ownership {}

    /**
     * Looks the user up; no name means us.
     *
     * @throws UserPrincipalNotFoundException if this host has no such user
     */
    static Ownership of(Optional<String> owner) throws IOException {
        if (owner.isEmpty()) {
            return new Ours();
        }
        FileSystem system = FileSystems.getDefault();
        UserPrincipal user =
                system.getUserPrincipalLookupService().lookupPrincipalByName(owner.get());
        return new Handed(user, group(system, owner.get()));
    }

    private static Optional<GroupPrincipal> group(FileSystem system, String name)
            throws IOException {
        try {
            return Optional.of(
                    system.getUserPrincipalLookupService().lookupPrincipalByGroupName(name));
        } catch (UserPrincipalNotFoundException none) {
            return Optional.empty();
        }
    }

    /** Hands one file, directory or link over. */
    default void give(Path path) throws IOException {
        switch (this) {
            case Ours() -> {}
            case Handed(var user, var group) -> {
                PosixFileAttributeView view =
                        Files.getFileAttributeView(
                                path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
                view.setOwner(user);
                if (group.isPresent()) {
                    view.setGroup(group.get());
                }
            }
        }
    }
}
