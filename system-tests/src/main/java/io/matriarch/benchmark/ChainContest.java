package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/** The restore of a full backup and five incremental ones, beside that of the full one alone. */
final class ChainContest {

    private static final String FULL = "full";
    private static final String CHAIN = "full and five incremental";
    private static final int INCREMENTS = 5;

    private final Ground ground;

    ChainContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty("repository");
        ChangedPages pages = ChangedPages.of(ground.server());
        String full;
        String last;
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            ground.server().archiveBy(resident.archiveCommand());
            resident.order("backup");
            full = resident.backup();
            for (int i = 0; i < INCREMENTS; i++) {
                pages.change();
                resident.order("increment");
            }
            last = resident.backup();
            ground.server().archiveBy("");
        }
        Contest contest =
                ground.contest("Restore of a chain")
                        .enter(FULL, () -> restore(repository, full))
                        .enter(CHAIN, () -> restore(repository, last))
                        .run(ground.rounds(), told);
        double time = contest.of(CHAIN).seconds() / contest.of(FULL).seconds();
        return contest.goal(
                String.format(
                        Locale.ROOT, "%.2f of the time of the full one (goal: at most 1.3)", time),
                time <= 1.3);
    }

    private Sample restore(Store.Place repository, String backup) throws InterruptedException {
        Path into = ground.folders().empty("restored");
        ground.folders().rest();
        return ground.shell()
                .time(
                        ground.program()
                                .command(
                                        "restore --repository '%s' --immediate --backup %s --target-dir %s --jobs %d"
                                                .formatted(
                                                        repository.url(),
                                                        backup,
                                                        into,
                                                        ground.load().parallel())));
    }
}
