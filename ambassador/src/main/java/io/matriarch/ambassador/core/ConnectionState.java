package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.HoldReason;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one client connection stands. Every state that waits has a deadline.
 *
 * <pre>
 *   {@link Greeting} ──▶ {@link Held} ◀──▶ {@link Connecting} ──▶ {@link LoggingIn} ──▶ {@link Established}
 *      │            │           (both ways: nothing of the client has left yet)    │
 *      │            └──▶ {@link Refusing}                                                  │
 *      └──▶ {@link Cancelling}                                                             │
 *                       while its primary hands over, and back: {@link Draining} ◀──▶ {@link Established}
 *   each of them ──▶ {@link Closing} ──▶ {@link Closed} ◀───────────────────────────────────────┘
 * </pre>
 */
public sealed interface ConnectionState {

    /** The server it belongs to now, if any. */
    default @Nullable Target target() {
        return null;
    }

    /** The client has not said yet what it wants. */
    record Greeting(Port port, BootTime deadline) implements ConnectionState {}

    /**
     * It waits for a server; its first bytes wait with it.
     *
     * @param ramped it has waited for a primary, so it is released with the ramp
     * @param notBefore the pause after a failed connect
     * @param failed servers that could not be reached for it since the view last changed
     * @param attempt the last one made
     */
    record Held(
            Port port,
            Opening opening,
            BootTime since,
            BootTime deadline,
            HoldReason reason,
            boolean ramped,
            BootTime notBefore,
            Set<MemberName> failed,
            int attempt)
            implements ConnectionState {

        public Held {
            failed = Set.copyOf(failed);
        }

        Held because(HoldReason next) {
            return new Held(port, opening, since, deadline, next, true, notBefore, failed, attempt);
        }

        Held busy() {
            return new Held(
                    port,
                    opening,
                    since,
                    deadline,
                    HoldReason.LOGINS_BUSY,
                    ramped,
                    notBefore,
                    failed,
                    attempt);
        }

        Held withoutFailures(BootTime retryAt) {
            return new Held(
                    port, opening, since, deadline, reason, ramped, retryAt, Set.of(), attempt);
        }

        Held afterFailure(MemberName member, int failedAttempt, BootTime retryAt) {
            Set<MemberName> more = new HashSet<>(failed);
            more.add(member);
            return new Held(
                    port,
                    opening,
                    since,
                    deadline,
                    HoldReason.CONNECT_FAILED,
                    true,
                    retryAt,
                    more,
                    failedAttempt);
        }

        Held afterAttempt(int abandoned) {
            return new Held(
                    port, opening, since, deadline, reason, true, notBefore, failed, abandoned);
        }
    }

    /** A connect is under way. {@code held} is what it goes back to if that fails. */
    record Connecting(Held held, Target target, int attempt, BootTime deadline)
            implements ConnectionState {}

    /** Bytes flow; the server has not said its first one. */
    record LoggingIn(Held held, Target target, int attempt, BootTime deadline)
            implements ConnectionState {}

    /**
     * Bytes flow, without passing through here.
     *
     * @param rounds how often it was frozen so far
     */
    record Established(Port port, Target target, int rounds) implements ConnectionState {

        public Established(Port port, Target target) {
            this(port, target, 0);
        }
    }

    /**
     * Its primary hands over. What the client sends is held back wherever nothing may be owed.
     *
     * @param round of freezing; what is told of an earlier one is void
     * @param deadline then it goes on, whatever has become of the handover
     */
    record Draining(
            Port port, Target.Primary target, int round, Progress progress, BootTime deadline)
            implements ConnectionState {

        Draining now(Progress next) {
            return new Draining(port, target, round, next, deadline);
        }

        Draining inRound(int next) {
            return new Draining(port, target, next, Progress.FREEZING, deadline);
        }
    }

    /** How far a session is from its end. */
    enum Progress {
        /** Something of the client may be on its way, or its bytes flow until the server speaks. */
        FREEZING,
        /** Everything has arrived, and the primary may be asked. */
        STILL,
        ASKED,
        /** Nothing is owed, and it stays frozen: it may end at any moment. */
        QUIET,
        /** It streams, and is not waited for. */
        EXEMPT,
        /** Its deadline has passed: it goes on, and is not drained. */
        GIVEN_UP;

        boolean isDrained() {
            return this == QUIET || this == EXEMPT;
        }

        boolean hasDeadline() {
            return this != EXEMPT && this != GIVEN_UP;
        }
    }

    /** No server in time: the client is told so as soon as it can understand. */
    record Refusing(Refusal refusal, BootTime deadline) implements ConnectionState {}

    /** A cancel request is on its way to the servers that may know its key. */
    record Cancelling(BootTime deadline) implements ConnectionState {}

    /** The sockets are being closed, which waits for nobody: there is no deadline to keep. */
    record Closing(CloseCause cause, @Nullable Target target) implements ConnectionState {}

    /** Both sockets are closed. */
    record Closed(CloseCause cause) implements ConnectionState {}
}
