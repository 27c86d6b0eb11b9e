package io.matriarch.sidecar.assembly;

import io.matriarch.ambassador.AmbassadorListener;
import io.matriarch.ambassador.Handovers;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.member.SessionQuestions;
import io.matriarch.elector.situation.AmbassadorReport;
import io.matriarch.elector.situation.Epoch;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an ambassador says to its cluster, in its own node, and asks a primary. */
final class AmbassadorPresence implements AmbassadorListener, Handovers {

    private static final Logger log = LoggerFactory.getLogger(AmbassadorPresence.class);

    private final ClusterConnection cluster;
    private final SessionQuestions questions;

    /** Held while the node is written, so that the last word is the last written. */
    private final ReentrantLock writing = new ReentrantLock();

    private volatile AmbassadorReport report =
            new AmbassadorReport(UUID.randomUUID().toString(), Epoch.NONE, Epoch.NONE);

    AmbassadorPresence(ClusterConnection cluster, SessionQuestions questions) {
        this.cluster = cluster;
        this.questions = questions;
    }

    @Override
    public void onEpochApplied(Epoch epoch) {
        log.atInfo().addKeyValue("epoch", epoch).log("epoch applied");
        say(new AmbassadorReport(report.id(), epoch, report.drained()));
    }

    @Override
    public void onDrained(Epoch epoch) {
        if (!epoch.equals(Epoch.NONE)) {
            log.atInfo().addKeyValue("epoch", epoch).log("every session may be ended");
        }
        say(new AmbassadorReport(report.id(), report.applied(), epoch));
    }

    @Override
    public Map<InetSocketAddress, Owed> ask(
            Target.Primary primary, Collection<InetSocketAddress> sessions)
            throws InterruptedException {
        return questions.ask(primary.member(), primary.epoch(), sessions);
    }

    private void say(AmbassadorReport next) {
        report = next;
        tell();
    }

    /** Writes the node again if it is not as it should be: it goes with every session. */
    void tellAgain() {
        if (cluster.isConnected() && !cluster.ambassadors().contains(report)) {
            tell();
        }
    }

    private void tell() {
        writing.lock();
        try {
            cluster.publish(report);
        } catch (ClusterException unreachable) {
            log.atDebug().setCause(unreachable).log("ambassador's node was not written");
        } finally {
            writing.unlock();
        }
    }
}
