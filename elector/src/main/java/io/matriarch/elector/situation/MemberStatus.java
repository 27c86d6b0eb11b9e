package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a member says of itself in its ephemeral node {@code members/<name>}.
 *
 * @param postgres where its Postgres listens
 * @param timeline of the last known WAL; absent without a data directory
 * @param received end of the WAL that is safe on its disk
 * @param replayed end of the WAL that its queries see
 * @param lagMillis how long ago the newest replayed commit was made on the primary; -1 if unknown
 */
public record MemberStatus(
        MemberName name,
        String incarnation,
        Endpoint postgres,
        Sidecar sidecar,
        Role role,
        @Nullable SystemIdentifier systemIdentifier,
        @Nullable TimelineId timeline,
        Lsn received,
        Lsn replayed,
        long lagMillis,
        Build build) {

    public MemberStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(incarnation, "incarnation");
        Objects.requireNonNull(postgres, "postgres");
        Objects.requireNonNull(sidecar, "sidecar");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(received, "received");
        Objects.requireNonNull(replayed, "replayed");
        Objects.requireNonNull(build, "build");
    }

    /**
     * Whether another status is this member's too. A copy of its disk has its incarnation, but not
     * its endpoint.
     */
    public boolean isSameMember(MemberStatus other) {
        return isOf(other.identity());
    }

    public Situation.Identity identity() {
        return new Situation.Identity(name, incarnation, postgres);
    }

    public boolean isOf(Situation.Identity identity) {
        return name.equals(identity.name())
                && incarnation.equals(identity.incarnation())
                && postgres.equals(identity.postgres());
    }

    /**
     * @param api its base URL
     * @param doing what it is doing now, for people
     * @param archiving absent while it does not know
     */
    public record Sidecar(String api, String doing, @Nullable ArchivingReport archiving) {}

    /** The role that its Postgres really plays. */
    public enum Role {
        PRIMARY,
        /** A standby that streams from the primary. */
        STREAMING,
        /** A standby that runs and does not stream. */
        STANDBY,
        /** Postgres runs and does not accept connections yet. */
        STARTING,
        /** Postgres does not run. */
        STOPPED
    }

    /**
     * @param sidecar version of the sidecar
     * @param postgres {@code server_version_num}, or 0 if Postgres has not answered yet
     */
    public record Build(String sidecar, int postgres) {}
}
