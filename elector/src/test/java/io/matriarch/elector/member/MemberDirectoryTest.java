package io.matriarch.elector.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.elector.enactment.Marks.Finished;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a member remembers of repairs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MemberDirectoryTest {

    private static final Epoch EPOCH = new Epoch(7);
    private static final Lsn FORGOTTEN = Lsn.parse("16/B374D848");

    @TempDir private Path place;

    @Test
    void the_last_repair_that_ended_is_known_to_the_next_life() {
        new MemberDirectory(place).noteFinished(new Finished(Repair.DELTA, EPOCH, FORGOTTEN));

        MemberDirectory nextLife = new MemberDirectory(place);

        assertThat(nextLife.finished()).contains(new Finished(Repair.DELTA, EPOCH, FORGOTTEN));
        assertThat(nextLife.unproven(EPOCH)).isEqualTo(Repair.DELTA);
    }

    @Test
    void a_repair_that_was_for_another_primary_says_nothing_of_this_one() {
        MemberDirectory directory = new MemberDirectory(place);

        directory.noteFinished(new Finished(Repair.DELTA, EPOCH, null));

        assertThat(directory.unproven(EPOCH.next())).isEqualTo(Repair.NONE);
    }

    @Test
    void what_has_proven_good_needs_no_other_repair() {
        MemberDirectory directory = new MemberDirectory(place);
        directory.noteFinished(new Finished(Repair.REPLACE, EPOCH, null));

        directory.noteProven();

        assertThat(directory.finished()).isEmpty();
        assertThat(directory.unproven(EPOCH)).isEqualTo(Repair.NONE);
    }

    @Test
    void what_is_set_aside_while_others_are_removed_stays() throws Exception {
        MemberDirectory directory = new MemberDirectory(place.resolve("data.matriarch"));
        directory.setAside(dataDirectory("first"));
        List<Path> first = directory.asides();
        directory.setAside(dataDirectory("second"));

        directory.remove(first);

        assertThat(directory.asides())
                .singleElement()
                .satisfies(left -> assertThat(left.resolve("base/1/second")).exists());
    }

    @Test
    void what_a_killed_removal_has_left_is_removed_by_the_next_life() throws Exception {
        Path folder = place.resolve("data.matriarch");
        MemberDirectory directory = new MemberDirectory(folder);
        directory.setAside(dataDirectory("first"));
        Files.delete(directory.asides().getFirst().resolve("base/1/first"));

        MemberDirectory nextLife = new MemberDirectory(folder);
        nextLife.remove(nextLife.asides());

        assertThat(nextLife.asides()).isEmpty();
    }

    @Test
    void what_another_removal_has_ended_is_no_trouble() throws Exception {
        MemberDirectory directory = new MemberDirectory(place.resolve("data.matriarch"));
        directory.setAside(dataDirectory("first"));
        List<Path> stale = directory.asides();
        directory.remove(stale);

        directory.remove(stale);

        assertThat(directory.asides()).isEmpty();
    }

    @Test
    void a_removal_that_is_interrupted_ends_and_can_go_on() throws Exception {
        MemberDirectory directory = new MemberDirectory(place.resolve("data.matriarch"));
        directory.setAside(dataDirectory("first"));
        List<Path> asides = directory.asides();

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> directory.remove(asides)).isInstanceOf(InterruptedException.class);

        assertThat(directory.asides()).isEqualTo(asides);
        directory.remove(asides);
        assertThat(directory.asides()).isEmpty();
    }

    private Path dataDirectory(String file) throws Exception {
        Path data = place.resolve("data");
        Files.createDirectories(data.resolve("base/1"));
        Files.writeString(data.resolve("base/1").resolve(file), file);
        return data;
    }

    @Test
    void that_a_directory_is_a_standbys_proves_no_repair() {
        MemberDirectory directory = new MemberDirectory(place);
        directory.noteRepair(Repair.REWIND);
        directory.noteFinished(new Finished(Repair.REWIND, EPOCH, null));

        directory.noteStandby();

        assertThat(directory.repair()).isEqualTo(Repair.NONE);
        assertThat(directory.unproven(EPOCH)).isEqualTo(Repair.REWIND);
    }
}
