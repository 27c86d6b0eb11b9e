package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.PgBackRest;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A full base backup, by everybody with the same level and parallelism. The plain tools write to a
 * directory, wherever the repositories lie.
 */
final class BackupContest {

    static final String MATRIARCH = "matriarch";
    static final String PGBACKREST = "pgbackrest";
    private static final String TAR = "tar | zstd";
    private static final String PG_BASEBACKUP = "pg_basebackup";

    private final Ground ground;

    BackupContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty("repository");
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            ground.server().archiveBy(resident.archiveCommand());
            Contest contest =
                    ground.contest("Full base backup")
                            .enter(TAR, this::tar)
                            .enter(PG_BASEBACKUP, this::pgBaseBackup)
                            .enter(PGBACKREST, this::pgBackRest)
                            .enter(MATRIARCH, () -> resident.order("backup"))
                            .run(ground.rounds(), told);
            ground.server().archiveBy("");
            return judged(contest);
        }
    }

    private Contest judged(Contest contest) {
        double ours = contest.of(MATRIARCH).processorSeconds();
        double theirs = contest.of(PGBACKREST).processorSeconds();
        contest.goal(MATRIARCH, PGBACKREST, 1.5)
                .goal(
                        "%.2f of the processor time of pgbackrest (goal: at most 1)"
                                .formatted(ours / theirs),
                        ours <= theirs);
        return ground.store().isPlain()
                ? contest.goal(MATRIARCH, TAR, 0.85)
                : contest.distance(MATRIARCH, TAR);
    }

    private Sample tar() throws InterruptedException {
        Path into = ground.folders().empty("tar");
        return ground.shell()
                .time(
                        "tar -C %s --exclude=./pg_wal/* -cf - . | zstd -q -T%d -%d -o %s/all.tar.zst"
                                .formatted(
                                        ground.server().data(),
                                        ground.load().parallel(),
                                        ground.load().level(),
                                        into));
    }

    private Sample pgBaseBackup() throws InterruptedException {
        Path into = ground.folders().empty("pg_basebackup");
        Sample sample =
                ground.shell()
                        .time(
                                "%s/pg_basebackup -h %s -U postgres -c fast -X none -Ft -D %s"
                                                .formatted(
                                                        ground.server().programs(),
                                                        ground.server().home(),
                                                        into)
                                        + " --no-sync --compress=server-zstd:"
                                        + ground.load().level());
        // The server does the work, so the program's own time says nothing.
        return Sample.wall(sample.seconds());
    }

    private Sample pgBackRest() throws InterruptedException, IOException {
        PgBackRest peer = PgBackRest.in("pgbackrest", ground);
        peer.createStanza();
        String options =
                "process-max=%d\ncompress-type=zst\ncompress-level=%d\narchive-check=n\n"
                        .formatted(ground.load().parallel(), ground.load().level());
        return ground.shell().time(peer.command("backup", options, "--type=full backup"));
    }
}
