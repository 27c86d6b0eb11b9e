package io.matriarch.benchmark;

import io.matriarch.benchmark.stage.Contest;
import io.matriarch.benchmark.stage.Ground;
import io.matriarch.benchmark.stage.Resident;
import io.matriarch.benchmark.stage.Sample;
import io.matriarch.benchmark.stage.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** An incremental backup after one page in a hundred was changed, beside a full one. */
final class IncrementContest {

    private static final String FULL = "full";
    private static final String INCREMENTAL = "incremental";

    private final Ground ground;
    private final List<Double> shares = new ArrayList<>();

    IncrementContest(Ground ground) {
        this.ground = ground;
    }

    Contest hold(Consumer<String> told) throws InterruptedException, IOException {
        Store.Place repository = ground.store().empty("repository");
        ChangedPages pages = ChangedPages.of(ground.server());
        try (Resident resident = Resident.start(ground, repository)) {
            resident.order("claim");
            resident.order("archive");
            ground.server().archiveBy(resident.archiveCommand());
            Contest contest =
                    ground.contest("Incremental backup after 1 % of a table's pages")
                            .enter(FULL, () -> resident.order("backup"))
                            .enter(INCREMENTAL, () -> incremental(resident, pages))
                            .run(ground.rounds(), told);
            ground.server().archiveBy("");
            return judged(contest);
        }
    }

    private Sample incremental(Resident resident, ChangedPages pages)
            throws InterruptedException, IOException {
        String position = pages.position();
        pages.change();
        long changed = pages.bytesSince(position);
        Sample sample = resident.order("increment");
        shares.add((double) resident.storedBytes() / changed);
        return sample;
    }

    private Contest judged(Contest contest) {
        double time = contest.of(INCREMENTAL).seconds() / contest.of(FULL).seconds();
        double most = shares.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        return contest.goal(
                        String.format(
                                Locale.ROOT,
                                "%.2f of the time of a full one (goal: at most 0.5)",
                                time),
                        time <= 0.5)
                .goal(
                        String.format(
                                Locale.ROOT,
                                "at most %.2f bytes stored for each of the changed pages (goal: at"
                                        + " most 1.5)",
                                most),
                        most <= 1.5);
    }
}
