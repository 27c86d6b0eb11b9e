package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.PgBackRest;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Server;
import io.matriarch.benchmark.stage.Store;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a server replays a hundred segments that come out of the archive, by the server's own
 * account ({@code redo done … elapsed}), each time beginning with the same copy of the cluster.
 */
final class ReplayContest {

    private static final Pattern ELAPSED = Pattern.compile("redo done at .*elapsed: ([0-9.]+) s");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String IN_PLACE = "already in pg_wal";
    private static final String COPY = "plain cp";
    private static final String PGBACKREST = "pgbackrest, asynchronous";
    private static final String MATRIARCH = "matriarch";

    private final Ground ground;
    private final Backlog backlog;
    private final Path base;

    /**
     * @param base a copy of the cluster's directory from before the backlog was written
     */
    ReplayContest(Ground ground, Backlog backlog, Path base) {
        this.ground = ground;
        this.backlog = backlog;
        this.base = base;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Path plain = ground.folders().empty("plain");
        for (String segment : backlog.segments()) {
            ground.shell()
                    .run("cp", ground.server().wal().resolve(segment).toString(), plain + "/");
        }
        String get = archivedByPeer();
        Store.Place repository = archived();
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("fetch");
            Contest contest =
                    ground.contest("Replay of " + Backlog.SEGMENTS + " WAL segments")
                            .enter(IN_PLACE, () -> inPlace(plain))
                            .enter(COPY, () -> replayed("cp " + plain + "/%f %p"))
                            .enter(PGBACKREST, () -> replayed(get))
                            .enter(MATRIARCH, () -> replayed(resident.restoreCommand()))
                            .run(ground.rounds(), told);
            return contest.goal(MATRIARCH, PGBACKREST, 1.05).distance(MATRIARCH, IN_PLACE);
        }
    }

    private String archivedByPeer() throws InterruptedException, IOException {
        PgBackRest peer = PgBackRest.in("replay-peer", ground);
        peer.createStanza();
        String options =
                "archive-async=y\nprocess-max=%d\ncompress-type=zst\ncompress-level=%d\n"
                        .formatted(ground.load().parallel(), ground.load().level());
        new DrainContest(ground, backlog).drain(peer.command("push", options, "archive-push %p"));
        return peer.command(
                "get",
                options,
                "--pg1-path="
                        + ground.folders().root().resolve("replay/data")
                        + " archive-get %f %p");
    }

    private Store.Place archived() throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty("replay-repository");
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            new DrainContest(ground, backlog).drain(resident.archiveCommand());
        }
        return repository;
    }

    private Sample inPlace(Path plain) throws InterruptedException, IOException {
        Server server = copy();
        ground.shell().run("bash", "-c", "cp %s/* %s/".formatted(plain, server.wal()));
        return replay(server, "false");
    }

    private Sample replayed(String restoreCommand) throws InterruptedException, IOException {
        return replay(copy(), restoreCommand);
    }

    private Server copy() throws InterruptedException, IOException {
        Path home = ground.folders().empty("replay");
        ground.shell().run("cp", "-a", base.toString(), home.resolve("data").toString());
        return new Server(ground.server().programs(), ground.shell(), home);
    }

    private Sample replay(Server server, String restoreCommand)
            throws InterruptedException, IOException {
        ground.folders().rest();
        server.configure(
                """
                unix_socket_directories = '%s'
                archive_mode = off
                restore_command = '%s'
                """
                        .formatted(server.home(), restoreCommand));
        ground.shell().run("touch", server.dataDirectory().resolve("recovery.signal").toString());
        server.start();
        Waiting.until(
                "the end of replay",
                PATIENCE,
                () -> server.logText().contains("database system is ready to accept connections"));
        server.stop();
        return Sample.wall(elapsed(server.logText()));
    }

    private static double elapsed(String log) {
        Matcher found = ELAPSED.matcher(log);
        if (!found.find()) {
            throw new OutsideException("the server replayed nothing:\n" + log);
        }
        return Double.parseDouble(found.group(1));
    }
}
