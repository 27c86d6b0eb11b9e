package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
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

    /**
     * Lets whoever a folder belongs to use a new file in it: the file goes to the folder's group
     * and user, as far as this process may give it away.
     */
    static void asOfItsFolder(Path file) throws IOException {
        PosixFileAttributes folder =
                Files.readAttributes(file.toAbsolutePath().getParent(), PosixFileAttributes.class);
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes present = view.readAttributes();
        if (!present.group().equals(folder.group())) {
            asFarAsPermitted(() -> view.setGroup(folder.group()));
        }
        if (!present.owner().equals(folder.owner())) {
            asFarAsPermitted(() -> view.setOwner(folder.owner()));
        }
    }

    /** A change of hands. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }

    private static void asFarAsPermitted(Change change) throws IOException {
        try {
            change.make();
        } catch (AccessDeniedException refused) {
            return;
        } catch (FileSystemException refused) {
            if (!String.valueOf(refused.getReason()).contains("not permitted")) {
                throw refused;
            }
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
