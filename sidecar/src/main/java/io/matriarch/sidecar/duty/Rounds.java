package io.matriarch.sidecar.duty;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.elector.cluster.ClusterException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that looks again and again whether there is something to do, until it is closed. */
public final class Rounds implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(5);

    private final String name;
    private final Round round;
    private final Thread thread;
    private volatile boolean isClosed;
    private String lastTrouble = "";

    /** One look. */
    @FunctionalInterface
    public interface Round {
        void go() throws InterruptedException;
    }

    public Rounds(String name, Round round) {
        this.name = name;
        this.round = round;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    public void open() {
        thread.start();
    }

    private void run() {
        while (!isClosed) {
            try {
                Thread.sleep(look());
            } catch (InterruptedException e) {
                // Otherwise meant for work that somebody else goes on with.
                if (isClosed) {
                    return;
                }
            }
        }
    }

    private Duration look() throws InterruptedException {
        try {
            round.go();
            lastTrouble = "";
            return LOOK_AGAIN;
        } catch (ClusterException | StoreException | RepositoryException | RestoreException e) {
            tellOnce(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.atError().addKeyValue("duty", name).setCause(e).log("duty met an unexpected fault");
        }
        return AFTER_TROUBLE;
    }

    private void tellOnce(String trouble) {
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            log.atWarn().addKeyValue("duty", name).addKeyValue("error", trouble).log("duty waits");
        }
    }

    @Override
    public void close() {
        isClosed = true;
        thread.interrupt();
    }
}
