package io.matriarch.archiver.drill;

import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.postgres.sql.RecoveryProgress;
import java.nio.file.Path;

/** Hears how far a drill is. */
public interface DrillProgress extends TransferProgress {

    /**
     * What will be done.
     *
     * @param folder where; it is removed at the end
     */
    void onPlan(RestorePlan plan, Path folder);

    void onPhase(DrillReport.Phase phase);

    void onReplay(RecoveryProgress progress);

    /** What somebody should know who looks after the disk. */
    void onNote(String note);
}
