package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Build;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.MemberStatus.Sidecar;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Data;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ServerStatus;

/** What a member tells the others of itself, from its own situation. */
final class StatusReport {

    private StatusReport() {}

    static MemberStatus of(Situation now, ElectorSettings settings, Sidecar sidecar) {
        return switch (now.postgres()) {
            case OwnPostgres.Primary primary ->
                    live(now, settings, sidecar, Role.PRIMARY, primary.status());
            case OwnPostgres.Standby standby ->
                    live(
                            now,
                            settings,
                            sidecar,
                            standby.status().isStreaming() ? Role.STREAMING : Role.STANDBY,
                            standby.status());
            case OwnPostgres.Starting starting ->
                    still(now, settings, sidecar, Role.STARTING, starting.data());
            case OwnPostgres.Stopping stopping ->
                    still(now, settings, sidecar, Role.STOPPED, stopping.data());
            case OwnPostgres.Stopped stopped ->
                    still(now, settings, sidecar, Role.STOPPED, stopped.data());
            case OwnPostgres.Absent absent -> bare(now, settings, sidecar);
            case OwnPostgres.Unclear unclear -> bare(now, settings, sidecar);
            case OwnPostgres.Unusable unusable -> bare(now, settings, sidecar);
        };
    }

    private static MemberStatus live(
            Situation now,
            ElectorSettings settings,
            Sidecar sidecar,
            Role role,
            ServerStatus status) {
        return new MemberStatus(
                now.identity().name(),
                now.identity().incarnation(),
                now.identity().postgres(),
                sidecar,
                role,
                status.systemIdentifier(),
                status.timeline(),
                status.written(),
                status.replayed(),
                status.lagMillis(),
                new Build(settings.sidecarVersion(), status.version().number()));
    }

    private static MemberStatus still(
            Situation now, ElectorSettings settings, Sidecar sidecar, Role role, Data data) {
        return new MemberStatus(
                now.identity().name(),
                now.identity().incarnation(),
                now.identity().postgres(),
                sidecar,
                role,
                data.systemIdentifier(),
                data.timeline(),
                data.end(),
                data.end(),
                -1,
                new Build(settings.sidecarVersion(), 0));
    }

    private static MemberStatus bare(Situation now, ElectorSettings settings, Sidecar sidecar) {
        return new MemberStatus(
                now.identity().name(),
                now.identity().incarnation(),
                now.identity().postgres(),
                sidecar,
                Role.STOPPED,
                null,
                null,
                Lsn.ZERO,
                Lsn.ZERO,
                -1,
                new Build(settings.sidecarVersion(), 0));
    }
}
