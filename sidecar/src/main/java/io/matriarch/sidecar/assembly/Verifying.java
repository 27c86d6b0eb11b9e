package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.verification.Verification;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import io.matriarch.sidecar.duty.RetryPause;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reading the archive back by schedule, for as long as this member is the primary. The log is told
 * of each run, and of everything that was found damaged; {@code matriarch status} finds it in the
 * repository.
 */
final class Verifying implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Verifying.class);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final Rounds rounds = new Rounds("verification", this::look);
    private final RetryPause pause = new RetryPause();
    private Instant last = Instant.now();
    private Instant notBefore = Instant.EPOCH;
    private long under;

    Verifying(SidecarConfiguration configuration, ClusterConnection cluster, Archiving archiving) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
    }

    void open() {
        rounds.open();
    }

    /** A new primary has other things to do than what is overdue. */
    private void look() throws InterruptedException {
        Optional<WriterEpoch> epoch = archiving.permission();
        Optional<RepositoryLayout> layout = archiving.layout();
        if (epoch.isEmpty() || layout.isEmpty()) {
            return;
        }
        Instant now = Instant.now();
        if (under != epoch.get().value()) {
            under = epoch.get().value();
            last = now;
            pause.afterSuccess(true);
            notBefore = Instant.EPOCH;
        }
        boolean isDue =
                configuration
                        .verification()
                        .schedule()
                        .lastDue(now)
                        .map(due -> due.isAfter(last))
                        .orElse(false);
        if (isDue && now.isAfter(notBefore)) {
            notBefore = now.plus(pause.afterFailure());
            verify(layout.get(), epoch.get());
            pause.afterSuccess(true);
            notBefore = Instant.EPOCH;
            last = now;
        }
    }

    private void verify(RepositoryLayout layout, WriterEpoch epoch) throws InterruptedException {
        VerificationReport report =
                new Verification(archiving.store(), layout, configuration.verification().options())
                        .run(
                                cluster.view().flatMap(ClusterView::committedTimeline),
                                (_, _) -> requireStill(epoch));
        report.damaged()
                .forEach(damage ->
                        log.atError()
                                .addKeyValue("object", damage.key())
                                .addKeyValue("reason", damage.reason())
                                .log("archive is damaged"));
        log.atInfo()
                .addKeyValue("objects", report.objects())
                .addKeyValue("bytes", report.bytes())
                .addKeyValue("tookMs", report.took().toMillis())
                .addKeyValue("present", report.state().present())
                .addKeyValue("neverProven", report.state().neverProven())
                .addKeyValue("damaged", report.damaged().size())
                .log("archive verified");
    }

    /** What is left is read by the next primary. */
    private void requireStill(WriterEpoch epoch) {
        if (!archiving.permission().equals(Optional.of(epoch))) {
            throw new RepositoryException(
                    "epoch " + epoch + ": this member is the primary no longer",
                    "the new primary goes on verifying");
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
