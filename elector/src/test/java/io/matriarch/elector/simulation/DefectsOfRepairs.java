package io.matriarch.elector.simulation;

import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnServer;
import io.matriarch.elector.enactment.Surroundings;
import io.matriarch.elector.simulation.plan.Plan;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.sql.ServerException;
import io.matriarch.postgres.sql.ServerStatus;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** What can be wrong with long acts that end, and have not done what they are for. */
final class DefectsOfRepairs {

    private DefectsOfRepairs() {}

    static List<Planted> all() {
        return List.of(
                remembered(
                        "a repair that did not help is tried again and again", last -> Repair.NONE),
                remembered(
                        "what no rewind could help is brought back by the archive for ever",
                        last -> last == Repair.NONE ? last : Repair.REWIND),
                Planted.around(
                                "a receiver that is refused passes for one that streams",
                                DefectsOfRepairs::believing)
                        .in(Plan::ofLostWal),
                Planted.around(
                                "who comes back from the archive votes as if it remembered",
                                DefectsOfRepairs::forgetful)
                        .in(Plan::ofForgetting),
                Planted.around(
                                "a checkpoint that failed passes for one that ended",
                                DefectsOfRepairs::endingAnyhow)
                        .in(Plan::ofFailingCheckpoint));
    }

    private static Surroundings forgetful(Surroundings right) {
        return Replaced.in(
                right,
                Marks.class,
                "finished",
                (same, arguments) ->
                        same.finished()
                                .map(last ->
                                        new Marks.Finished(last.repair(), last.epoch(), null)));
    }

    private static Surroundings endingAnyhow(Surroundings right) {
        return Replaced.in(
                right,
                OwnServer.class,
                "checkpoint",
                (same, arguments) -> {
                    try {
                        same.checkpoint();
                    } catch (ServerException failed) {
                        return null;
                    }
                    return null;
                });
    }

    /** What one look has shown is believed for two seconds. */
    private static Surroundings believing(Surroundings right) {
        AtomicReference<ServerStatus> shown = new AtomicReference<>();
        AtomicInteger looks = new AtomicInteger();
        return Replaced.in(
                right,
                OwnServer.class,
                "status",
                (same, arguments) -> {
                    ServerStatus now = same.status();
                    if (now.isStreaming()) {
                        shown.set(now);
                        looks.set(8);
                    }
                    return now.isInRecovery() && looks.getAndDecrement() > 0
                            ? receiving(now, shown.get())
                            : now;
                });
    }

    private static ServerStatus receiving(ServerStatus now, ServerStatus then) {
        return new ServerStatus(
                now.systemIdentifier(),
                now.version(),
                now.isInRecovery(),
                now.timeline(),
                now.written(),
                now.isEndKnown(),
                now.replayed(),
                now.lagMillis(),
                then.receiver(),
                now.source(),
                now.synchronousStandbyNames(),
                now.peers());
    }

    private static Planted remembered(String what, UnaryOperator<Repair> instead) {
        return Planted.around(
                        what,
                        right ->
                                Replaced.in(
                                        right,
                                        Marks.class,
                                        "unproven",
                                        (same, arguments) ->
                                                instead.apply(same.unproven((Epoch) arguments[0]))))
                .in(Plan::ofLostWal);
    }
}
