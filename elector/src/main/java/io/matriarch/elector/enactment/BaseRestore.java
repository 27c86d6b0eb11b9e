package io.matriarch.elector.enactment;

import io.matriarch.postgres.SystemIdentifier;
import java.nio.file.Path;

/** Builds a standby's data directory from the archive. */
@FunctionalInterface
public interface BaseRestore {

    /**
     * Restores the newest base backup into an empty directory.
     *
     * @return false if the archive holds none; anything else that goes wrong is thrown
     */
    boolean restoreNewest(SystemIdentifier cluster, Path dataDirectory) throws InterruptedException;
}
