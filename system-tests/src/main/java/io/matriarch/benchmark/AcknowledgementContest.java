package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.PgBackRest;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Server;
import io.matriarch.benchmark.stage.Store;
import io.matriarch.outside.OutsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How long PostgreSQL waits for the acknowledgement of a single segment while nothing else happens:
 * from {@code .ready} to {@code .done} in its own {@code archive_status}.
 */
final class AcknowledgementContest {

    private static final int SEGMENTS_A_ROUND = 10;
    private static final long PATIENCE = 60_000_000_000L;
    private static final String MATRIARCH = "matriarch";
    private static final String PGBACKREST = "pgbackrest";

    private final Ground ground;

    AcknowledgementContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        PgBackRest peer = PgBackRest.in("ack-peer", ground);
        peer.createStanza();
        String push =
                peer.command(
                        "push",
                        "compress-type=zst\ncompress-level=%d\n".formatted(ground.load().level()),
                        "archive-push %p");
        Store.Place repository = ground.store().empty("repository");
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            int rounds = ground.rounds() * SEGMENTS_A_ROUND;
            Contest contest =
                    ground.contest("Acknowledgement of one segment, idle")
                            .enter(PGBACKREST, () -> acknowledged(push))
                            .enter(MATRIARCH, () -> acknowledged(resident.archiveCommand()))
                            .run(rounds, told);
            ground.server().archiveBy("");
            double ours = contest.of(MATRIARCH).seconds();
            return contest.goal(MATRIARCH, PGBACKREST, 1)
                    .goal(
                            "median %.0f ms (goal: at most 50 ms)".formatted(1000 * ours),
                            ours <= 0.05);
        }
    }

    /** The file changes its name when it is acknowledged. */
    private Sample acknowledged(String command) throws InterruptedException, IOException {
        Server server = ground.server();
        server.archiveBy(command);
        server.sql("SELECT txid_current()");
        String segment = server.sql("SELECT pg_walfile_name(pg_switch_wal())");
        Path status = server.wal().resolve("archive_status");
        Path done = status.resolve(segment + ".done");
        long limit = System.nanoTime() + PATIENCE;
        while (!Files.exists(done)) {
            if (System.nanoTime() > limit) {
                throw new OutsideException("segment " + segment + ": not archived within 60 s");
            }
            Thread.sleep(1);
        }
        // When it was given its first name the file was written, later it was only renamed.
        long ready = Files.getLastModifiedTime(done).toMillis();
        long changed =
                ((java.nio.file.attribute.FileTime) Files.getAttribute(done, "unix:ctime"))
                        .toMillis();
        return Sample.wall((changed - ready) / 1e3);
    }
}
