package io.matriarch.archiver.planning;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.TimelineId;
import java.util.Optional;

/**
 * What somebody wants back.
 *
 * @param timeline follow this one; empty for the committed lineage
 * @param backup begin with this one; empty for the best
 */
public record RestoreRequest(
        RestoreTarget target, Optional<TimelineId> timeline, Optional<BackupId> backup) {

    public static RestoreRequest of(RestoreTarget target) {
        return new RestoreRequest(target, Optional.empty(), Optional.empty());
    }
}
