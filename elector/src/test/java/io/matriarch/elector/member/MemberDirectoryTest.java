package io.matriarch.elector.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.enactment.Marks.Finished;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a member remembers of repairs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MemberDirectoryTest {

    private static final Epoch EPOCH = new Epoch(7);

    @TempDir private Path place;

    @Test
    void the_last_repair_that_ended_is_known_to_the_next_life() {
        new MemberDirectory(place).noteFinished(new Finished(Repair.DELTA, EPOCH));

        MemberDirectory nextLife = new MemberDirectory(place);

        assertThat(nextLife.finished()).contains(new Finished(Repair.DELTA, EPOCH));
        assertThat(nextLife.unproven(EPOCH)).isEqualTo(Repair.DELTA);
    }

    @Test
    void a_repair_that_was_for_another_primary_says_nothing_of_this_one() {
        MemberDirectory directory = new MemberDirectory(place);

        directory.noteFinished(new Finished(Repair.DELTA, EPOCH));

        assertThat(directory.unproven(EPOCH.next())).isEqualTo(Repair.NONE);
    }

    @Test
    void what_has_proven_good_needs_no_other_repair() {
        MemberDirectory directory = new MemberDirectory(place);
        directory.noteFinished(new Finished(Repair.REPLACE, EPOCH));

        directory.noteProven();

        assertThat(directory.finished()).isEmpty();
        assertThat(directory.unproven(EPOCH)).isEqualTo(Repair.NONE);
    }

    @Test
    void that_a_directory_is_a_standbys_proves_no_repair() {
        MemberDirectory directory = new MemberDirectory(place);
        directory.noteRepair(Repair.REWIND);
        directory.noteFinished(new Finished(Repair.REWIND, EPOCH));

        directory.noteStandby();

        assertThat(directory.repair()).isEqualTo(Repair.NONE);
        assertThat(directory.unproven(EPOCH)).isEqualTo(Repair.REWIND);
    }
}
