package io.matriarch.elector.enactment;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.SynchronousSet;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
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

    /**
     * Runs initdb; what an earlier try left is moved aside, for it was marked as incomplete. So is
     * what is done when the authority has ended: by then somebody else may make the cluster.
     */
    void initialise(Epoch epoch, BooleanSupplier isAuthorised)
            throws InterruptedException, TimeoutException {
        if (!files.isEmpty()) {
            if (marks.repair() != Repair.REPLACE) {
                throw new IllegalStateException(
                        files.path() + " is not empty: initdb is not run over it");
            }
            marks.setAside(files.path());
        }
        marks.noteRepair(Repair.REPLACE);
        require(isAuthorised, epoch);
        Job.Outcome outcome =
                supervisor.run(new Job("initdb-" + epoch, files.initdb()), INITDB_PATIENCE);
        if (!outcome.isSuccess()) {
            throw new IllegalStateException(
                    "initdb ended with " + outcome.exitStatus() + ": " + outcome.output());
        }
        files.adopt();
        files.configure(OwnFiles.Role.standing(SynchronousSet.NONE));
        require(isAuthorised, epoch);
        marks.noteSound();
        log.atInfo().addKeyValue("dataDirectory", files.path()).log("cluster initialised");
    }

    private static void require(BooleanSupplier isAuthorised, Epoch epoch) {
        if (!isAuthorised.getAsBoolean()) {
            throw new IllegalStateException(
                    "the authority of epoch " + epoch + " ended while the cluster was made");
        }
    }
}
