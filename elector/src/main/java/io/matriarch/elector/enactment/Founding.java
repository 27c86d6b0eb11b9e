package io.matriarch.elector.enactment;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.SynchronousSet;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The making of a new cluster: initdb and its configuration. */
final class Founding {

    private static final Logger log = LoggerFactory.getLogger(Founding.class);
    private static final Duration INITDB_PATIENCE = Duration.ofMinutes(5);

    private final OwnFiles files;
    private final Marks marks;
    private final Supervisor supervisor;

    Founding(OwnFiles files, Marks marks, Supervisor supervisor) {
        this.files = files;
        this.marks = marks;
        this.supervisor = supervisor;
    }

    /** Runs initdb; what an earlier try left is moved aside, for it was marked as incomplete. */
    void initialise(Epoch epoch) throws InterruptedException, TimeoutException {
        if (!files.isEmpty()) {
            if (marks.repair() != Repair.REPLACE) {
                throw new IllegalStateException(
                        files.path() + " is not empty: initdb is not run over it");
            }
            marks.setAside(files.path());
        }
        marks.noteRepair(Repair.REPLACE);
        Job.Outcome outcome =
                supervisor.run(new Job("initdb-" + epoch, files.initdb()), INITDB_PATIENCE);
        if (!outcome.isSuccess()) {
            throw new IllegalStateException(
                    "initdb ended with " + outcome.exitStatus() + ": " + outcome.output());
        }
        files.adopt();
        files.configure(OwnFiles.Role.standing(SynchronousSet.NONE));
        marks.noteSound();
        log.atInfo().addKeyValue("dataDirectory", files.path()).log("cluster initialised");
    }
}
