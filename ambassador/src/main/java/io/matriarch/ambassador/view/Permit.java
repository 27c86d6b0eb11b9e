package io.matriarch.ambassador.view;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.time.Duration;

/**
 * The knowledge that nobody but {@code primary} can be primary until {@code expiry}.
 *
 * <p>It is renewed by a read of the store or by the primary's own word. Its expiry is counted from
 * the moment <em>before</em> the question was sent, never from the answer. What is applied: a
 * permit is kept and shown; an expired one does not stop a session, because PostgreSQL's own fence
 * already keeps a primary that lost its authority from acknowledging a write.
 */
public record Permit(Epoch epoch, MemberName primary, BootTime expiry, Source source) {

    /** How it is known. */
    public enum Source {
        /** The state record was read from ZooKeeper. */
        STORE_READ,
        /** The primary's sidecar said for how long it still holds the epoch. */
        ATTESTATION
    }

    public static Permit ofStoreRead(
            Epoch epoch, MemberName primary, BootTime askedAt, Duration validity) {
        return new Permit(epoch, primary, askedAt.plus(validity), Source.STORE_READ);
    }

    public static Permit ofAttestation(
            Epoch epoch, MemberName primary, BootTime askedAt, Duration remaining) {
        return new Permit(epoch, primary, askedAt.plus(remaining), Source.ATTESTATION);
    }

    public boolean isValidAt(BootTime now) {
        return expiry.isAfter(now);
    }

    /** Whether both speak of the same reign. */
    public boolean concerns(Permit other) {
        return epoch.equals(other.epoch) && primary.equals(other.primary);
    }

    /** The one that lasts longer, of two that concern the same reign; else the newer. */
    public Permit renewedBy(Permit newer) {
        return concerns(newer) && expiry.isAfter(newer.expiry) ? this : newer;
    }
}
