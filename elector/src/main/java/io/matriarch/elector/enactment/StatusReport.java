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

    static MemberStatus of(Situation now, MemberCycle.Profile profile, Sidecar sidecar) {
        return switch (now.postgres()) {
            case OwnPostgres.Primary primary ->
                    live(now, profile, sidecar, Role.PRIMARY, primary.status());
            case OwnPostgres.Standby standby ->
                    live(
                            now,
                            profile,
                            sidecar,
                            standby.status().isStreaming() ? Role.STREAMING : Role.STANDBY,
                            standby.status());
            case OwnPostgres.Starting starting ->
                    still(now, profile, sidecar, Role.STARTING, starting.data());
            case OwnPostgres.Stopping stopping ->
                    still(now, profile, sidecar, Role.STOPPED, stopping.data());
            case OwnPostgres.Stopped stopped ->
                    still(now, profile, sidecar, Role.STOPPED, stopped.data());
            case OwnPostgres.Absent absent -> bare(now, profile, sidecar);
            case OwnPostgres.Unsealed unsealed -> bare(now, profile, sidecar);
            case OwnPostgres.Unclear unclear -> bare(now, profile, sidecar);
            case OwnPostgres.Unusable unusable -> bare(now, profile, sidecar);
        };
    }

    private static MemberStatus live(
            Situation now,
            MemberCycle.Profile profile,
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
                new Build(profile.sidecarVersion(), status.version().number()));
    }

    private static MemberStatus still(
            Situation now, MemberCycle.Profile profile, Sidecar sidecar, Role role, Data data) {
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
                new Build(profile.sidecarVersion(), 0));
    }

    private static MemberStatus bare(Situation now, MemberCycle.Profile profile, Sidecar sidecar) {
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
                new Build(profile.sidecarVersion(), 0));
    }
}
