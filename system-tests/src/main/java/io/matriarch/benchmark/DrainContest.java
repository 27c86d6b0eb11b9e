package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.PgBackRest;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Store;
import io.matriarch.outside.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** How long a backlog of WAL takes from the moment at which archiving works again. */
final class DrainContest {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String ZSTD = "zstd alone";
    private static final String MATRIARCH = "matriarch";
    private static final String ASYNCHRONOUS = "pgbackrest, asynchronous";
    private static final String DEFAULTS = "pgbackrest, its defaults";

    private static final String REPOSITORY = "repository";

    private final Ground ground;
    private final Backlog backlog;

    DrainContest(Ground ground, Backlog backlog) {
        this.ground = ground;
        this.backlog = backlog;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty(REPOSITORY);
        try (Resident resident = Resident.start(ground, repository)) {
            return held(resident, told);
        }
    }

    private Contest held(Resident resident, Consumer<String> told)
            throws InterruptedException, IOException {
        Contest contest =
                ground.contest("Drain of a backlog of " + Backlog.SEGMENTS + " WAL segments")
                        .enter(ZSTD, this::zstd)
                        .enter(DEFAULTS, () -> pgBackRest(""))
                        .enter(ASYNCHRONOUS, () -> pgBackRest(asynchronous()))
                        .enter(MATRIARCH, () -> matriarch(resident))
                        .run(ground.rounds(), told)
                        .goal(MATRIARCH, ASYNCHRONOUS, 1.15)
                        .goal(MATRIARCH, DEFAULTS, 5);
        return ground.store().isPlain()
                ? contest.goal(MATRIARCH, ZSTD, 0.9)
                : contest.distance(MATRIARCH, ZSTD);
    }

    private String asynchronous() {
        return "archive-async=y\nprocess-max=%d\ncompress-type=zst\ncompress-level=%d\n"
                .formatted(ground.load().parallel(), ground.load().level());
    }

    private Sample zstd() throws InterruptedException {
        Path into = ground.folders().empty("zstd");
        return ground.shell()
                .time(
                        "cd %s && printf '%%s\\n' %s | xargs -P %d -I{} zstd -q -T1 -%d {} -o %s/{}.zst"
                                .formatted(
                                        ground.server().wal(),
                                        String.join(" ", backlog.segments()),
                                        ground.load().parallel(),
                                        ground.load().level(),
                                        into));
    }

    private Sample pgBackRest(String options) throws InterruptedException, IOException {
        PgBackRest peer = PgBackRest.in("drain-peer", ground);
        peer.createStanza();
        return Sample.wall(drain(peer.command("push", options, "archive-push %p")));
    }

    /** The process goes on as a sidecar does; its repository is empty each time. */
    private Sample matriarch(Resident resident) throws InterruptedException, IOException {
        ground.store().empty(REPOSITORY);
        resident.order("claim");
        double before = resident.processorSeconds();
        ground.server().archiveBy("");
        backlog.pending();
        long begun = System.nanoTime();
        resident.order("archive");
        double seconds = drained(resident.archiveCommand(), begun);
        return new Sample(seconds, resident.processorSeconds() - before);
    }

    /** Has the backlog archived by a command; the seconds that it took. */
    double drain(String command) throws InterruptedException, IOException {
        ground.server().archiveBy("");
        backlog.pending();
        return drained(command, System.nanoTime());
    }

    private double drained(String command, long begun) throws InterruptedException {
        ground.server().archiveBy(command);
        Waiting.until("the backlog is archived", PATIENCE, backlog::isArchived);
        double seconds = (System.nanoTime() - begun) / 1e9;
        ground.server().archiveBy("");
        return seconds;
    }
}
