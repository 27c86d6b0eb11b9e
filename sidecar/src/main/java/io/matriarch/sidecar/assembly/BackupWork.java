package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.backup.BackupException;
import io.matriarch.archiver.backup.BackupRun;
import io.matriarch.archiver.backup.BackupSettings;
import io.matriarch.archiver.backup.BackupSource;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.marks.Pins;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.elector.assignment.BackupOrder;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.postgres.sql.ServerAddress;
import io.matriarch.postgres.sql.WalSwitch;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the base backups that this member has been given, whatever its role. One that an earlier
 * life of this sidecar had begun is begun again, and takes over what the store has of it.
 */
final class BackupWork implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BackupWork.class);

    private final SidecarConfiguration configuration;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final ServerAddress server;
    private final MemberName self;
    private final Rounds rounds = new Rounds("backup", this::look);

    BackupWork(
            SidecarConfiguration configuration,
            ClusterConnection cluster,
            Archiving archiving,
            ServerAddress server) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.archiving = archiving;
        this.server = server;
        this.self = configuration.decisions().self();
    }

    void open() {
        rounds.open();
    }

    private void look() throws InterruptedException {
        Optional<RepositoryLayout> layout = archiving.layout();
        ClusterState state = cluster.view().map(ClusterView::state).orElse(null);
        Optional<BackupOrder> order = BackupOrder.of(cluster.requests(), self);
        if (layout.isPresent() && state != null && order.isPresent()) {
            serve(order.get(), layout.get(), state);
        }
        if (cluster.runningBackups().stream().anyMatch(it -> it.member().equals(self))) {
            // What an earlier life of this sidecar has told.
            cluster.unpublishBackup(self);
        }
    }

    private void serve(BackupOrder order, RepositoryLayout layout, ClusterState state)
            throws InterruptedException {
        BackupSettings settings;
        try {
            settings = settings(order.request());
        } catch (IllegalArgumentException e) {
            cluster.replace(order.request(), order.failed(String.valueOf(e.getMessage())));
            return;
        }
        if (order.beginnings() >= BackupOrder.MOST_BEGINNINGS) {
            cluster.replace(
                    order.request(),
                    order.failed("begun %d times, and never ended".formatted(order.beginnings())));
            return;
        }
        BackupOrder begun = order.begun();
        if (cluster.replace(order.request(), begun.request())) {
            cluster.replace(begun.request(), take(begun, layout, state, settings));
        }
    }

    /** Takes the backup; returns what becomes of the request. */
    private Request take(
            BackupOrder order, RepositoryLayout layout, ClusterState state, BackupSettings settings)
            throws InterruptedException {
        try (BackupReporter reporter = new BackupReporter(cluster, self, order.request()).open()) {
            try {
                BaseBackup taken = run(order, layout, state, settings, reporter);
                return done(order.request(), taken, pin(order.request(), layout, taken));
            } catch (RuntimeException | InterruptedException e) {
                // What is left to do asks ZooKeeper, which an interrupted thread cannot.
                boolean _ = Thread.interrupted();
                Optional<String> reason = reporter.reasonToEnd();
                if (e instanceof InterruptedException interrupted && reason.isEmpty()) {
                    throw interrupted;
                }
                String why = reason.orElse(String.valueOf(e.getMessage()));
                tell(order.request(), why, e);
                return order.handedBack(self, self + ": " + why).request();
            }
        } finally {
            // An interrupt that came too late must not end what follows.
            boolean _ = Thread.interrupted();
        }
    }

    /** The backup is there, whatever becomes of its pin. Returns what to say of it. */
    private String pin(Request request, RepositoryLayout layout, BaseBackup taken) {
        // An interrupt that came too late must not end what follows.
        boolean _ = Thread.interrupted();
        String reason = request.arguments().get("pin");
        if (reason == null) {
            return "";
        }
        try {
            new Pins(archiving.store(), layout).pin(new Pin(taken.id(), reason, Instant.now()));
            return ", and pinned";
        } catch (StoreException | RepositoryException e) {
            log.atError()
                    .addKeyValue("backup", taken.id())
                    .addKeyValue("error", e.getMessage())
                    .log("base backup could not be pinned");
            return ", but NOT pinned: " + e.getMessage();
        }
    }

    private static void tell(Request request, String why, Exception e) {
        var event = log.atError().addKeyValue("request", request.id()).addKeyValue("error", why);
        var explained =
                switch (e) {
                    case BackupException known -> event.addKeyValue("hint", known.hint());
                    case RepositoryException known -> event.addKeyValue("hint", known.hint());
                    default -> event.setCause(e);
                };
        explained.log("base backup failed");
    }

    private BaseBackup run(
            BackupOrder order,
            RepositoryLayout layout,
            ClusterState state,
            BackupSettings settings,
            BackupReporter reporter)
            throws InterruptedException {
        requireClaim(layout);
        BackupSource source =
                new BackupSource(
                        server,
                        configuration.postgres().dataDirectory(),
                        self.value(),
                        state.epoch().value(),
                        configuration.postgres().memberDirectory().resolve("backup.lock"));
        String label =
                order.request().id().startsWith(BackupDuty.SCHEDULED) ? "scheduled" : "requested";
        return new BackupRun(
                        archiving.store(), layout, source, settings, new WalSwitch(primary(state)))
                .run(label, reporter);
    }

    /** A copy of the cluster must not write into the archive of the one that it was copied from. */
    private void requireClaim(RepositoryLayout layout) {
        Optional<String> doubt =
                Claims.checkOwner(archiving.store(), layout, cluster.archiveOwner());
        if (doubt.isPresent()) {
            throw new BackupException(
                    doubt.get() + " (expected: claimed by this cluster)",
                    "the primary claims it with its first push; look into its log");
        }
    }

    private ServerAddress primary(ClusterState state) {
        return state.primary().equals(self)
                ? server
                : ServerAddress.tcp(
                        state.postgres().host(),
                        state.postgres().port(),
                        configuration.postgres().superuser());
    }

    private BackupSettings settings(Request request) {
        BackupSettings settings = configuration.backup().settings();
        for (String key : BackupSettings.KEYS) {
            String value = request.arguments().get(key);
            settings = value == null ? settings : settings.with(key, value);
        }
        return settings;
    }

    private Request done(Request request, BaseBackup taken, String pinned) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("id", taken.id().toString());
        result.put("member", self);
        result.put("standby", taken.server().isStandby());
        taken.wal().base().ifPresent(it -> result.put("parent", it.backup().toString()));
        result.put("bytes", taken.totals().bytes());
        result.put("storedBytes", taken.totals().storedBytes());
        result.put("durationMillis", taken.duration().toMillis());
        result.put(
                "corruptPages",
                taken.corruptPages().stream().mapToInt(it -> it.blocks().size()).sum());
        return request.now(
                Progress.DONE,
                "base backup " + taken.id() + " taken" + pinned,
                ClusterJson.text(result));
    }

    @Override
    public void close() {
        rounds.close();
    }
}
