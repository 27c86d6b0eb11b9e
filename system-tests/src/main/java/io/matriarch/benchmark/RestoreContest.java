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
 * A full restore of the same cluster into an empty directory, the whole program from its start to
 * its end, with as many processes or objects at a time for both.
 */
final class RestoreContest {

    private static final String MATRIARCH = "matriarch";
    private static final String PGBACKREST = "pgbackrest";

    private final Ground ground;

    RestoreContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        PgBackRest peer = PgBackRest.in("restore-peer", ground);
        peer.createStanza();
        ground.shell().time(peer.command("backup", options(), "--type=full backup"));
        Store.Place repository = ground.store().empty("repository");
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            ground.server().archiveBy(resident.archiveCommand());
            resident.order("backup");
            ground.server().archiveBy("");
        }
        return ground.contest("Full restore")
                .enter(PGBACKREST, () -> pgBackRest(peer))
                .enter(MATRIARCH, () -> matriarch(repository))
                .run(ground.rounds(), told)
                .goal(MATRIARCH, PGBACKREST, 1.2);
    }

    private String options() {
        return "process-max=%d\ncompress-type=zst\ncompress-level=%d\narchive-check=n\n"
                .formatted(ground.load().parallel(), ground.load().level());
    }

    private Sample pgBackRest(PgBackRest peer) throws InterruptedException {
        Path into = ground.folders().empty("restored");
        ground.folders().rest();
        return ground.shell()
                .time(
                        peer.command(
                                "restore",
                                options(),
                                "--pg1-path=" + into + " --type=immediate restore"));
    }

    private Sample matriarch(Store.Place repository) throws InterruptedException {
        Path into = ground.folders().empty("restored");
        ground.folders().rest();
        return ground.shell()
                .time(
                        ground.program()
                                .command(
                                        "restore --repository '%s' --latest --target-dir %s --jobs %d"
                                                .formatted(
                                                        repository.url(),
                                                        into,
                                                        ground.load().parallel())));
    }
}
