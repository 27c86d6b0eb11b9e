package io.matriarch.ambassador.core;

import io.matriarch.ambassador.core.ConnectionState.Cancelling;
import io.matriarch.ambassador.core.ConnectionState.Closed;
import io.matriarch.ambassador.core.ConnectionState.Closing;
import io.matriarch.ambassador.core.ConnectionState.Connecting;
import io.matriarch.ambassador.core.ConnectionState.Draining;
import io.matriarch.ambassador.core.ConnectionState.Established;
import io.matriarch.ambassador.core.ConnectionState.Greeting;
import io.matriarch.ambassador.core.ConnectionState.Held;
import io.matriarch.ambassador.core.ConnectionState.LoggingIn;
import io.matriarch.ambassador.core.ConnectionState.Progress;
import io.matriarch.ambassador.core.ConnectionState.Refusing;
import io.matriarch.ambassador.view.CutReason;
import io.matriarch.ambassador.view.HoldReason;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.postgres.BootTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a connection becomes by an event. An event that means nothing in a state changes nothing:
 * with sockets on other threads, late news is normal.
 */
public final class ConnectionMachine {

    private static final String HINT_LATER = "Try again in a few seconds.";
    private static final String HINT_OPERATOR =
            "Try again; if it lasts, ask the cluster's operator to look at \"matriarch status\".";

    private final HoldSettings hold;
    private final Timeouts timeouts;

    public ConnectionMachine(HoldSettings hold, Timeouts timeouts) {
        this.hold = hold;
        this.timeouts = timeouts;
    }

    public ConnectionState accepted(Port port, BootTime now) {
        return new Greeting(port, now.plus(timeouts.greeting()));
    }

    public Step on(ConnectionState state, ConnectionEvent event, Moment moment) {
        if (event instanceof ConnectionEvent.Ended(var cause)) {
            return Step.to(new Closed(state instanceof Closing closing ? closing.cause() : cause));
        }
        if (event instanceof ConnectionEvent.ShutDown) {
            return close(state, CloseCause.SHUTDOWN);
        }
        return switch (state) {
            case Greeting greeting -> onGreeting(greeting, event, moment);
            case Held held -> onHeld(held, event, moment);
            case Connecting connecting -> onConnecting(connecting, event, moment);
            case LoggingIn loggingIn -> onLoggingIn(loggingIn, event, moment);
            case Established established -> onEstablished(established, event, moment);
            case Draining draining -> onDraining(draining, event, moment);
            case Refusing refusing -> onRefusing(refusing, event, moment);
            case Cancelling cancelling ->
                    expired(event, cancelling.deadline(), moment)
                            ? close(cancelling, CloseCause.CANCEL_DONE)
                            : Step.to(cancelling);
            case Closing closing -> Step.to(closing);
            case Closed closed -> Step.to(closed);
        };
    }

    private Step onGreeting(Greeting greeting, ConnectionEvent event, Moment moment) {
        if (event instanceof ConnectionEvent.CancelAsked(var targets)) {
            return targets.isEmpty()
                    ? close(greeting, CloseCause.CANCEL_DONE)
                    : Step.to(
                            new Cancelling(moment.now().plus(timeouts.cancel())),
                            new ConnectionEffect.FanOut(targets));
        }
        if (event instanceof ConnectionEvent.Opened(var opening)) {
            BootTime now = moment.now();
            return Step.to(
                    new Held(
                            greeting.port(),
                            opening,
                            now,
                            now.plus(hold.maxWait()),
                            HoldReason.LOGINS_BUSY,
                            false,
                            now,
                            Set.of(),
                            0));
        }
        return expired(event, greeting.deadline(), moment)
                ? close(greeting, CloseCause.SILENT_CLIENT)
                : Step.to(greeting);
    }

    private Step onHeld(Held held, ConnectionEvent event, Moment moment) {
        return switch (event) {
            case ConnectionEvent.Assigned(var target) -> connect(held, target, moment);
            case ConnectionEvent.Waiting(var reason) ->
                    Step.to(reason == HoldReason.LOGINS_BUSY ? held.busy() : held.because(reason));
            case ConnectionEvent.Crowded(var limit) -> refuse(held, crowded(limit), moment);
            case ConnectionEvent.Exhausted _ ->
                    Step.to(held.withoutFailures(moment.now().plus(hold.retryPause())));
            case ConnectionEvent.TableChanged _ -> Step.to(held.withoutFailures(moment.now()));
            case ConnectionEvent.ClientFinished _ -> close(held, CloseCause.CLIENT_GONE);
            case ConnectionEvent.Ticked _ ->
                    moment.now().hasReached(held.deadline())
                            ? refuse(held, waitedTooLong(held), moment)
                            : Step.to(held);
            case ConnectionEvent.Opened _,
                    ConnectionEvent.CancelAsked _,
                    ConnectionEvent.Connected _,
                    ConnectionEvent.ConnectFailed _,
                    ConnectionEvent.ServerSpoke _,
                    ConnectionEvent.Still _,
                    ConnectionEvent.Asked _,
                    ConnectionEvent.Answered _,
                    ConnectionEvent.ShutDown _,
                    ConnectionEvent.Ended _ ->
                    Step.to(held);
        };
    }

    private Step connect(Held held, Target target, Moment moment) {
        if (!moment.table().admits(target)) {
            throw new IllegalStateException(
                    "target: " + target + " (expected: one that the table admits)");
        }
        int attempt = held.attempt() + 1;
        return Step.to(
                new Connecting(held, target, attempt, moment.now().plus(timeouts.connect())),
                new ConnectionEffect.Connect(attempt, target));
    }

    private Step onConnecting(Connecting connecting, ConnectionEvent event, Moment moment) {
        int attempt = connecting.attempt();
        ConnectionEffect abandon = new ConnectionEffect.Abandon(attempt);
        Held failed = retry(connecting.held(), connecting.target(), attempt, moment);
        if (event.equals(new ConnectionEvent.ConnectFailed(attempt))) {
            return back(failed, moment, List.of());
        }
        boolean asksTable =
                event instanceof ConnectionEvent.TableChanged
                        || event instanceof ConnectionEvent.Connected;
        if (asksTable && !moment.table().admits(connecting.target())) {
            return back(connecting.held().afterAttempt(attempt), moment, List.of(abandon));
        }
        if (event.equals(new ConnectionEvent.Connected(attempt))) {
            // Place of check, place of use: the table was asked above, in this same step.
            return Step.to(
                    new LoggingIn(
                            connecting.held(),
                            connecting.target(),
                            attempt,
                            moment.now().plus(timeouts.firstByte())),
                    new ConnectionEffect.Join(attempt));
        }
        return expired(event, connecting.deadline(), moment)
                ? back(failed, moment, List.of(abandon))
                : Step.to(connecting);
    }

    private Held retry(Held held, Target target, int attempt, Moment moment) {
        return held.afterFailure(target.member(), attempt, moment.now().plus(hold.retryPause()));
    }

    /** Back to waiting, or to the end of it if its time has run out meanwhile. */
    private Step back(Held held, Moment moment, List<ConnectionEffect> effects) {
        if (!moment.now().hasReached(held.deadline())) {
            return new Step(held, effects);
        }
        Step refused = refuse(held, waitedTooLong(held), moment);
        List<ConnectionEffect> all = new ArrayList<>(effects);
        all.addAll(refused.effects());
        return new Step(refused.state(), all);
    }

    private Step onLoggingIn(LoggingIn loggingIn, ConnectionEvent event, Moment moment) {
        return switch (event) {
            case ConnectionEvent.ServerSpoke _ ->
                    established(
                            new Established(loggingIn.held().port(), loggingIn.target()), moment);
            // The relay says so only if the order to join came too late: nothing has been lost.
            case ConnectionEvent.ConnectFailed(var failed) when failed == loggingIn.attempt() ->
                    back(
                            retry(loggingIn.held(), loggingIn.target(), failed, moment),
                            moment,
                            List.of());
            case ConnectionEvent.TableChanged _ -> onTableChanged(loggingIn, moment);
            case ConnectionEvent.Ticked _ ->
                    moment.now().hasReached(loggingIn.deadline())
                            ? close(loggingIn, CloseCause.SILENT_SERVER)
                            : Step.to(loggingIn);
            case ConnectionEvent.ConnectFailed _,
                    ConnectionEvent.Opened _,
                    ConnectionEvent.CancelAsked _,
                    ConnectionEvent.Assigned _,
                    ConnectionEvent.Waiting _,
                    ConnectionEvent.Crowded _,
                    ConnectionEvent.Exhausted _,
                    ConnectionEvent.Connected _,
                    ConnectionEvent.ClientFinished _,
                    ConnectionEvent.Still _,
                    ConnectionEvent.Asked _,
                    ConnectionEvent.Answered _,
                    ConnectionEvent.ShutDown _,
                    ConnectionEvent.Ended _ ->
                    Step.to(loggingIn);
        };
    }

    private Step onTableChanged(LoggingIn loggingIn, Moment moment) {
        Target target = moment.table().presently(loggingIn.target());
        return moment.table()
                .verdictOn(target)
                .map(reason -> cut(target, reason))
                .orElseGet(() ->
                        Step.to(
                                new LoggingIn(
                                        loggingIn.held(),
                                        target,
                                        loggingIn.attempt(),
                                        loggingIn.deadline())));
    }

    private Step onEstablished(Established established, ConnectionEvent event, Moment moment) {
        if (!(event instanceof ConnectionEvent.TableChanged)) {
            return Step.to(established);
        }
        Target target = moment.table().presently(established.target());
        return moment.table()
                .verdictOn(target)
                .map(reason -> cut(target, reason))
                .orElseGet(() ->
                        established(
                                new Established(established.port(), target, established.rounds()),
                                moment));
    }

    /** A session lives; if its primary hands over, it is on its way to its end. */
    private Step established(Established session, Moment moment) {
        boolean drains = moment.table().isHandingOver(session.target());
        return drains && session.target() instanceof Target.Primary primary
                ? Step.to(
                        new Draining(
                                session.port(),
                                primary,
                                session.rounds() + 1,
                                Progress.FREEZING,
                                moment.now().plus(timeouts.drain())),
                        new ConnectionEffect.Freeze(session.rounds() + 1))
                : Step.to(session);
    }

    private static Step onDraining(Draining draining, ConnectionEvent event, Moment moment) {
        Progress progress = draining.progress();
        if (event instanceof ConnectionEvent.TableChanged) {
            return onTableChanged(draining, moment);
        }
        boolean isStill =
                progress == Progress.FREEZING
                        && event.equals(new ConnectionEvent.Still(draining.round()));
        if (isStill) {
            return Step.to(draining.now(Progress.STILL));
        }
        if (event instanceof ConnectionEvent.Asked && progress == Progress.STILL) {
            return Step.to(draining.now(Progress.ASKED));
        }
        if (event instanceof ConnectionEvent.Answered(var owed) && progress == Progress.ASKED) {
            return onAnswered(draining, owed);
        }
        return progress.hasDeadline() && expired(event, draining.deadline(), moment)
                ? Step.to(draining.now(Progress.GIVEN_UP), new ConnectionEffect.Thaw())
                : Step.to(draining);
    }

    private static Step onTableChanged(Draining draining, Moment moment) {
        Target target = draining.target();
        Step goesOn =
                moment.table().isHandingOver(target)
                        ? Step.to(draining)
                        : Step.to(
                                new Established(draining.port(), target, draining.round()),
                                new ConnectionEffect.Thaw());
        return moment.table().verdictOn(target).map(reason -> cut(target, reason)).orElse(goesOn);
    }

    private static Step onAnswered(Draining draining, Owed owed) {
        int next = draining.round() + 1;
        return switch (owed) {
            case NOTHING -> Step.to(draining.now(Progress.QUIET));
            case SOMETHING -> Step.to(draining.inRound(next), new ConnectionEffect.Advance(next));
            case STREAMS -> Step.to(draining.now(Progress.EXEMPT), new ConnectionEffect.Thaw());
        };
    }

    private static Step onRefusing(Refusing refusing, ConnectionEvent event, Moment moment) {
        if (event instanceof ConnectionEvent.Opened(var opening)) {
            return answer(refusing, opening);
        }
        boolean over =
                event instanceof ConnectionEvent.ClientFinished
                        || expired(event, refusing.deadline(), moment);
        return over ? close(refusing, CloseCause.REFUSED) : Step.to(refusing);
    }

    private Step refuse(Held held, Refusal refusal, Moment moment) {
        return answer(new Refusing(refusal, moment.now().plus(timeouts.refusal())), held.opening());
    }

    private static Step answer(Refusing refusing, Opening opening) {
        return switch (opening) {
            case STARTUP ->
                    Step.to(
                            new Closing(CloseCause.REFUSED, null),
                            new ConnectionEffect.Refuse(refusing.refusal()));
            case SSL_REQUEST, GSSENC_REQUEST -> Step.to(refusing, new ConnectionEffect.AnswerNo());
            case INCOMPLETE, CANCEL, DIRECT_TLS, UNRECOGNISED ->
                    close(refusing, CloseCause.REFUSED);
        };
    }

    private Refusal waitedTooLong(Held held) {
        return Refusal.cannotConnectNow(
                held.reason().sentence() + ", for " + hold.maxWait().toMillis() + " ms",
                HINT_OPERATOR);
    }

    private static Refusal crowded(int limit) {
        return Refusal.cannotConnectNow(limit + " connections wait already", HINT_LATER);
    }

    private static Step cut(Target target, CutReason reason) {
        CloseCause cause =
                switch (reason) {
                    case HIGHER_EPOCH -> CloseCause.CUT_HIGHER_EPOCH;
                    case VACANT -> CloseCause.CUT_VACANT;
                    case CONTRADICTED -> CloseCause.CUT_CONTRADICTED;
                };
        return Step.to(new Closing(cause, target), new ConnectionEffect.Cut(cause));
    }

    private static Step close(ConnectionState state, CloseCause cause) {
        return switch (state) {
            case Closing closing -> Step.to(closing);
            case Closed closed -> Step.to(closed);
            case Greeting _,
                    Held _,
                    Connecting _,
                    LoggingIn _,
                    Established _,
                    Draining _,
                    Refusing _,
                    Cancelling _ ->
                    Step.to(new Closing(cause, state.target()), new ConnectionEffect.Close(cause));
        };
    }

    private static boolean expired(ConnectionEvent event, BootTime deadline, Moment moment) {
        return event instanceof ConnectionEvent.Ticked && moment.now().hasReached(deadline);
    }
}
