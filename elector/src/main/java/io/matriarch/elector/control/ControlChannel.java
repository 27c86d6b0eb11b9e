package io.matriarch.elector.control;

import io.matriarch.elector.situation.Epoch;
import java.util.List;
import java.util.Optional;

/**
 * What a sidecar and the supervisor of its Postgres tell each other. Each record is whole or
 * absent, and has one writer.
 */
public interface ControlChannel {

    void writeLease(LeaseRecord lease);

    Optional<LeaseRecord> readLease();

    void writeDesired(DesiredState desired);

    Optional<DesiredState> readDesired();

    Optional<ActualState> readActual();

    /** Touches the trigger file: the permission to promote under this epoch. */
    void touchTrigger(Epoch epoch);

    /** Makes the supervisor look at once. */
    void ringSupervisor();

    void submit(Job job);

    /** Jobs that are not over, whoever asked for them. */
    List<Job> unfinished();

    /** How a job ended; empty while it runs. */
    Optional<Job.Outcome> outcome(Job job);

    /** Asks for a job to be ended, or not to begin. */
    void stop(Job job);

    /** Removes a job that is over. */
    void forget(Job job);
}
