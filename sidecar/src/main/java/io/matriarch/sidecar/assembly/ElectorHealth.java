package io.matriarch.sidecar.assembly;

import io.matriarch.cli.drill.LastDrill;
import io.matriarch.cli.operate.BackupView;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.decision.Decision;
import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.member.Elector;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.Reign;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.host.BootClock;
import io.matriarch.sidecar.drill.DrillWatch;
import io.matriarch.sidecar.http.MemberHealth;
import io.matriarch.sidecar.metrics.MetricsText;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sidecar's health, as its elector sees it. */
final class ElectorHealth implements MemberHealth {

    private final Elector elector;
    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final DrillWatch drills;
    private final BootClock clock = BootClock.ofThisHost();

    ElectorHealth(
            Elector elector, ClusterConnection cluster, Archiving archiving, DrillWatch drills) {
        this.elector = elector;
        this.cluster = cluster;
        this.archiving = archiving;
        this.drills = drills;
    }

    @Override
    public String backupsJson() {
        return ClusterJson.text(
                Map.of("running", cluster.runningBackups().stream().map(BackupView::of).toList()));
    }

    @Override
    public String statusJson() {
        MemberCycle.Outlook outlook = elector.outlook();
        Situation situation = outlook.situation();
        Decision decision = outlook.decision();
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        if (situation != null && decision != null) {
            ClusterView view = situation.view();
            status.put("member", situation.identity().name());
            status.put("incarnation", situation.identity().incarnation());
            status.put("decision", decision.getClass().getSimpleName());
            status.put("code", decision.reason().code());
            status.put("reason", decision.reason().detail());
            status.put("reign", situation.reign());
            status.put("upheldByVows", situation.vouching().isUpheldByVows());
            status.put("vow", situation.vouching().vow());
            status.put("mayVouch", elector.mayVouch());
            status.put("archiving", archiving.archiving().orElse(null));
            status.put("drilled", drills.last().map(LastDrill::of).orElse(null));
            status.put("state", view == null ? null : view.state());
            status.put("members", view == null ? null : view.members());
        }
        return ClusterJson.text(status);
    }

    @Override
    public String metricsText() {
        return MetricsText.of(
                isPrimary(), isReplica(), archiving.archiving(), drills.last(), Instant.now());
    }

    @Override
    public boolean isPrimary() {
        Situation situation = elector.outlook().situation();
        return situation != null
                && situation.postgres() instanceof OwnPostgres.Primary
                && elector.authority().validEpoch().isPresent();
    }

    @Override
    public boolean isReplica() {
        Situation situation = elector.outlook().situation();
        return situation != null && situation.postgres() instanceof OwnPostgres.Standby;
    }

    @Override
    public boolean isAlive() {
        return elector.isRunning();
    }

    @Override
    public String attestationJson() {
        Map<String, Object> attestation = new LinkedHashMap<>();
        elector.authority()
                .reign()
                .ifPresent(reign -> {
                    attestation.put("epoch", reign.epoch());
                    attestation.put("remainingMillis", remaining(reign));
                });
        return ClusterJson.text(attestation);
    }

    private long remaining(Reign reign) {
        return Math.max(0, reign.deadline().since(clock.now()).toMillis());
    }
}
