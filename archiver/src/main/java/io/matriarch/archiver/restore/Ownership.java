package io.matriarch.archiver.restore;

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

/** Gives what a restore creates to the user who will run the server. */
sealed interface Ownership {

    /** Files belong to whoever creates them. */
    record Ours() implements Ownership {}

    /** Files are handed over to another user, and the group of the same name if there is one. */
    record Handed(UserPrincipal user, Optional<GroupPrincipal> group) implements Ownership {}

    /** Looks the user up. */
    static Ownership of(Optional<String> owner) {
        if (owner.isEmpty()) {
            return new Ours();
        }
        FileSystem system = FileSystems.getDefault();
        try {
            UserPrincipal user =
                    system.getUserPrincipalLookupService().lookupPrincipalByName(owner.get());
            return new Handed(user, group(system, owner.get()));
        } catch (UserPrincipalNotFoundException e) {
            throw new RestoreException(
                    "owner: " + owner.get() + " (expected: a user of this host)",
                    "name the user who runs PostgreSQL here",
                    e);
        } catch (IOException e) {
            throw new RestoreException(
                    "owner: " + owner.get() + " cannot be looked up: " + e.getMessage(),
                    "check the host's user database",
                    e);
        }
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
