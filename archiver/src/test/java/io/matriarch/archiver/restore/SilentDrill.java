package io.matriarch.archiver.restore;

import io.matriarch.archiver.drill.DrillProgress;
import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.postgres.sql.RecoveryProgress;
import java.nio.file.Path;

/** Tells nobody how far a drill is. */
class SilentDrill implements DrillProgress {

    static final SilentDrill SILENT = new SilentDrill();

    @Override
    public void onBytes(long done, long total) {}

    @Override
    public void onPlan(RestorePlan plan, Path folder) {}

    @Override
    public void onPhase(DrillReport.Phase phase) {}

    @Override
    public void onReplay(RecoveryProgress progress) {}

    @Override
    public void onNote(String note) {}
}
