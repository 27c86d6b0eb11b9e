package io.matriarch.elector.enactment;

import io.matriarch.postgres.SystemIdentifier;
import java.nio.file.Path;
import java.util.Optional;

/** Brings a standby's data directory from the archive. */
public interface BaseRestore {

    /**
     * Restores the newest base backup into an empty directory.
     *
     * @return false if the archive holds none; anything else that goes wrong is thrown
     */
    boolean restoreNewest(SystemIdentifier cluster, Path dataDirectory) throws InterruptedException;

    /**
     * Makes a data directory of the cluster what the newest base backup has, whatever was done to
     * it: files that are the same stay, the others are fetched, those that the backup does not have
     * are removed. Killed half way no server can be started there, and the same again goes on.
     *
     * @return why it was not done, in words; empty if it was
     */
    Optional<String> restoreOver(SystemIdentifier cluster, Path dataDirectory)
            throws InterruptedException;
}
