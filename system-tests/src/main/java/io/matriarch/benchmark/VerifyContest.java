package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Store;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/** A sample of the archive read back and proven, which a setting bounds, beside all of it. */
final class VerifyContest {

    private static final String ALL = "all";
    private static final String SAMPLE = "a sample of 10 %";

    private final Ground ground;

    VerifyContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty("repository");
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            ground.server().archiveBy(resident.archiveCommand());
            resident.order("backup");
            resident.order("backup");
            ground.server().archiveBy("");
        }
        Contest contest =
                ground.contest("Verify")
                        .enter(ALL, () -> verify(repository, "all"))
                        .enter(SAMPLE, () -> verify(repository, "10%"))
                        .run(ground.rounds(), told);
        double time = contest.of(SAMPLE).processorSeconds() / contest.of(ALL).processorSeconds();
        return contest.goal(
                String.format(
                        Locale.ROOT,
                        "a sample takes %.2f of the processor time of all (goal: at most 0.5)",
                        time),
                time <= 0.5);
    }

    private Sample verify(Store.Place repository, String sample) throws InterruptedException {
        return ground.shell()
                .time(
                        ground.program()
                                .command(
                                        "verify --repository '%s' --sample %s --jobs %d"
                                                .formatted(
                                                        repository.url(),
                                                        sample,
                                                        ground.load().parallel())));
    }
}
