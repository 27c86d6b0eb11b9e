package io.matriarch.elector.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.TimelineHistory;
import io.matriarch.postgres.datadir.WalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeptWalTest {

    private static final Epoch EPOCH = new Epoch(7);
    private static final String COMMON = "000000020000000000000004";
    private static final String FORKING = "000000020000000000000005";
    private static final String BEYOND = "000000020000000000000006";
    private static final String HISTORY = "00000002.history";

    @TempDir private Path folder;

    private Path pgWal;
    private Path member;
    private KeptWal kept;

    @BeforeEach
    void a_log_that_went_beyond_its_fork() throws IOException {
        pgWal = Files.createDirectory(folder.resolve("pg_wal"));
        member = Files.createDirectory(folder.resolve("member"));
        kept = new KeptWal(member);
        for (String name : List.of(COMMON, FORKING, BEYOND, HISTORY)) {
            Files.writeString(pgWal.resolve(name), name);
        }
        Files.createDirectory(pgWal.resolve("archive_status"));
    }

    private static DivergentWal wal(String fork, String end) {
        TimelineId second = new TimelineId(2);
        return new DivergentWal(
                TimelineHistory.parse(second, "1\t0/2000000\tx"),
                new TimelineHistory.Switch(second, Lsn.parse(fork)),
                Lsn.parse(end),
                WalSegmentSize.DEFAULT);
    }

    private Path keep() {
        return kept.keep(EPOCH, new WalFolder(pgWal), wal("0/5000148", "0/6000200")).orElseThrow();
    }

    private void isUnarchived(String name) throws IOException {
        Files.createFile(pgWal.resolve("archive_status").resolve(name + ".ready"));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void what_diverged_is_kept_under_a_name_that_says_what_it_is() throws IOException {
        Path place = keep();

        assertThat(place).isEqualTo(member.resolve("divergence-epoch-7-timeline-2-from-0-5000148"));
        assertThat(names(place)).containsOnly(FORKING, BEYOND, HISTORY);
    }

    @Test
    void what_is_not_archived_is_kept_with_it() throws IOException {
        isUnarchived(COMMON);

        assertThat(names(keep())).containsOnly(COMMON, FORKING, BEYOND, HISTORY);
    }

    @Test
    void only_what_the_cluster_may_have_too_is_copied() throws IOException {
        Path place = keep();

        assertThat(Files.getAttribute(place.resolve(BEYOND), "unix:nlink")).isEqualTo(2);
        assertThat(Files.getAttribute(place.resolve(FORKING), "unix:nlink")).isEqualTo(1);
        assertThat(place.resolve(FORKING)).hasContent(FORKING);
    }

    @Test
    void a_log_that_did_not_diverge_and_is_archived_leaves_nothing() throws IOException {
        assertThat(kept.keep(EPOCH, new WalFolder(pgWal), wal("0/5000148", "0/5000148"))).isEmpty();
        assertThat(names(member)).isEmpty();
    }

    @Test
    void the_same_divergence_is_kept_once_whatever_epoch_has_come() throws IOException {
        Path place = keep();

        assertThat(kept.keep(EPOCH.next(), new WalFolder(pgWal), wal("0/5000148", "0/6000200")))
                .contains(place);
        assertThat(names(member)).containsExactly(place.getFileName().toString());
    }

    @Test
    void what_a_killed_try_left_is_no_hindrance() throws IOException {
        Path unfinished = Files.createDirectory(member.resolve("unfinished-divergence"));
        Files.writeString(unfinished.resolve(FORKING), "half");

        assertThat(keep().resolve(FORKING)).hasContent(FORKING);
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void after_a_rewind_that_is_left_which_only_this_member_had() throws IOException {
        isUnarchived(COMMON);
        Path place = keep();
        Files.delete(pgWal.resolve(FORKING));
        Files.delete(pgWal.resolve(BEYOND));

        kept.part(new WalFolder(pgWal));

        assertThat(names(place)).containsOnly(FORKING, BEYOND, HISTORY);
    }

    @Test
    void what_will_be_written_again_under_another_name_is_kept_as_it_was() throws IOException {
        Path place = keep();
        Path recycled = pgWal.resolve("000000020000000000000009");
        Files.move(pgWal.resolve(BEYOND), recycled);

        kept.part(new WalFolder(pgWal));
        Files.writeString(recycled, "later");

        assertThat(place.resolve(BEYOND)).hasContent(BEYOND);
    }

    @Test
    void a_folder_of_which_the_cluster_has_everything_goes() throws IOException {
        isUnarchived(COMMON);
        Path place =
                kept.keep(EPOCH, new WalFolder(pgWal), wal("0/5000148", "0/5000148")).orElseThrow();

        kept.part(new WalFolder(pgWal));

        assertThat(place).doesNotExist();
    }

    @Test
    void the_newest_three_stay() throws IOException, InterruptedException {
        for (int epoch : List.of(9, 10, 11, 100)) {
            Path place =
                    Files.createDirectory(
                            member.resolve("divergence-epoch-" + epoch + "-timeline-2-from-0-1"));
            Files.writeString(place.resolve(BEYOND), BEYOND);
        }
        Path foreign = Files.createDirectory(member.resolve("divergence-of-mine"));

        MemberDirectory directory = new MemberDirectory(member);
        directory.remove(directory.asides());

        assertThat(directory.asides()).isEmpty();
        assertThat(names(member))
                .containsExactlyInAnyOrder(
                        "divergence-epoch-10-timeline-2-from-0-1",
                        "divergence-epoch-11-timeline-2-from-0-1",
                        "divergence-epoch-100-timeline-2-from-0-1",
                        foreign.getFileName().toString());
    }

    /** A link to nowhere is listed, and has no entries: as a folder that was just removed. */
    @Test
    void a_place_that_is_gone_holds_up_no_other() throws IOException {
        Path place = keep();
        Files.createSymbolicLink(
                member.resolve("divergence-epoch-3-timeline-2-from-0-4000148"),
                member.resolve("gone"));

        kept.part(new WalFolder(pgWal));

        assertThat(names(place)).containsOnly(FORKING, HISTORY);
    }
}
