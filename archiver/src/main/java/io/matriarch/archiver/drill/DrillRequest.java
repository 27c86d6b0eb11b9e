package io.matriarch.archiver.drill;

import io.matriarch.archiver.repository.BackupId;
import io.matriarch.postgres.TimelineId;
import java.util.Optional;

/**
 * What a drill is to restore.
 *
 * @param wording of the moment, as somebody has asked for it
 * @param timeline empty for the one that a restore follows by itself
 * @param backup empty for the newest on the way there
 */
public record DrillRequest(
        DrillMoment moment,
        String wording,
        Optional<TimelineId> timeline,
        Optional<BackupId> backup) {}
