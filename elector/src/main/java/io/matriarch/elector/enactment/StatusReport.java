package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.MemberStatus.Build;
import io.matriarch.elector.situation.MemberStatus.Role;
import io.matriarch.elector.situation.MemberStatus.Sidecar;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Data;
import io.matriarch.elector.situation.Situation;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.sql.ServerStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a member tells the others of itself, from its own situation; not more often than needed. */
final class StatusReport {

    private static final Logger log = LoggerFactory.getLogger(StatusReport.class);
    private static final Duration BETWEEN_STATUSES = Duration.ofSeconds(1);

    private final Membership membership;
    private final Surroundings around;
    private final MemberCycle.Profile profile;

    private @Nullable MemberStatus published;
    private BootTime publishedAt = BootTime.ZERO;
    private boolean isNameOurs = true;

    StatusReport(Membership membership, Surroundings around, MemberCycle.Profile profile) {
        this.membership = membership;
        this.around = around;
        this.profile = profile;
    }

    /** If others do not know it, or have not been told for a while. */
    void publish(Situation now, String doing) {
        if (!around.cluster().isConnected()) {
            return;
        }
        MemberStatus status = status(now, doing);
        MemberStatus last = published;
        // The primary that hands over waits for no more than its successor's last position.
        boolean isDue =
                MemberCycle.isHandingOver(now)
                        || now.now().since(publishedAt).compareTo(BETWEEN_STATUSES) >= 0;
        boolean isOtherRole = last == null || last.role() != status.role();
        boolean isShown =
                now.view() != null
                        && now.view()
                                .member(status.name())
                                .filter(status::isSameMember)
                                .isPresent();
        if (!isOtherRole && isShown && (!isDue || status.equals(last))) {
            return;
        }
        show(status, now.now());
    }

    /** Returns whether the name is this member's. */
    boolean show(Situation now, String doing) {
        return show(status(now, doing), now.now());
    }

    private boolean show(MemberStatus status, BootTime now) {
        boolean isOurs = membership.publish(status);
        if (isOurs) {
            published = status;
            publishedAt = now;
        } else if (isNameOurs) {
            log.atWarn()
                    .addKeyValue("name", status.name())
                    .log("another live member has this name");
        }
        isNameOurs = isOurs;
        return isOurs;
    }

    private MemberStatus status(Situation now, String doing) {
        return of(
                now,
                profile,
                new Sidecar(profile.api(), doing, around.listener().archiving().orElse(null)));
    }

    private static MemberStatus of(Situation now, MemberCycle.Profile profile, Sidecar sidecar) {
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
