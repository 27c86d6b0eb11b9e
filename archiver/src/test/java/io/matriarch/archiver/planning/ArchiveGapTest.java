package io.matriarch.archiver.planning;

import static io.matriarch.archiver.planning.TestArchive.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.SegmentRange;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveGapTest {

    private final TestArchive archive = new TestArchive();
    private final List<WalSegment> listed = new ArrayList<>();

    @Test
    void without_any_backup_there_is_nothing_that_could_lead_across_it() {
        archive.wal(1, 1, 3).branch(2, 1, 6.5);

        assertThat(on(2)).isEmpty();
    }

    @Test
    void an_archive_that_leads_to_the_switch_has_none() {
        archive.wal(1, 1, 5).wal(2, 6, 7).branch(2, 1, 6.5).backup(1, 1.5, 2.5);

        assertThat(on(2)).isEmpty();
    }

    @Test
    void what_lacks_before_the_switch_is_named() {
        archive.wal(1, 1, 3).wal(2, 6, 7).branch(2, 1, 6.5).backup(1, 1.5, 2.5);

        assertThat(on(2).orElseThrow().missing())
                .containsExactly(new SegmentRange(segment(1, 4), segment(1, 5)));
        assertThat(on(2).orElseThrow().toString())
                .contains("000000010000000000000004")
                .contains("what came after it cannot be restored until another backup is taken");
    }

    @Test
    void it_is_there_before_anything_of_the_new_timeline_is() {
        archive.wal(1, 1, 3).branch(2, 1, 6.5).backup(1, 1.5, 2.5);

        assertThat(on(2)).isPresent();
    }

    @Test
    void a_hole_within_what_an_ancestor_wrote_counts_too() {
        archive.wal(1, 1, 5).without(1, 4).wal(2, 6, 7).branch(2, 1, 6.5).backup(1, 1.5, 2.5);

        assertThat(on(2).orElseThrow().missing())
                .containsExactly(new SegmentRange(segment(1, 4), segment(1, 4)));
    }

    @Test
    void a_backup_behind_it_ends_it_and_nothing_has_to_be_listed() {
        archive.wal(1, 1, 3).wal(2, 6, 9).branch(2, 1, 6.5).backup(1, 1.5, 2.5);
        archive.backup(2, 7.5, 8.5);

        assertThat(on(2)).isEmpty();
        assertThat(listed).isEmpty();
    }

    @Test
    void a_backup_that_started_in_the_segment_of_the_switch_ends_it() {
        archive.wal(1, 1, 3).wal(2, 6, 9).branch(2, 1, 6.5).backup(1, 1.5, 2.5);
        archive.backup(2, 6.6, 7.5);

        assertThat(on(2)).isEmpty();
    }

    @Test
    void a_backup_that_started_before_it_does_not_end_it() {
        archive.wal(1, 1, 3).wal(2, 6, 9).branch(2, 1, 6.5).backup(1, 1.5, 2.5);
        archive.backup(2, 5.5, 7.5);

        assertThat(on(2).orElseThrow().missing())
                .containsExactly(new SegmentRange(segment(1, 5), segment(1, 5)));
    }

    @Test
    void backups_of_a_branch_that_was_given_up_are_of_no_use() {
        archive.wal(1, 1, 9).wal(2, 6, 9).branch(2, 1, 6.5).without(1, 4).backup(1, 1.5, 2.5);
        archive.backup(1, 6.7, 7.5);

        assertThat(on(2)).isPresent();
    }

    @Test
    void a_timeline_to_which_no_backup_leads_needs_one() {
        archive.wal(1, 1, 9).wal(2, 6, 9).branch(2, 1, 6.5).backup(1, 6.7, 7.5);

        assertThat(on(2).orElseThrow())
                .isEqualTo(new ArchiveGap(new TimelineId(2), List.of()))
                .hasToString(
                        "no base backup leads to timeline 2: nothing of it can be restored until"
                                + " one is taken");
    }

    @Test
    void every_ancestor_since_the_newest_backup_is_looked_at_and_none_before() {
        archive.wal(1, 1, 3).wal(2, 6, 10).wal(3, 11, 13);
        archive.branch(2, 1, 6.5).branch(3, 2, 11.2).branch(4, 3, 14.9);
        archive.backup(1, 1.5, 2.5);
        archive.backup(2, 8.5, 9.5);

        assertThat(on(4)).isEmpty();
        assertThat(listed).containsExactly(segment(2, 8), segment(3, 11));

        archive.without(3, 13);

        assertThat(on(4).orElseThrow().missing())
                .containsExactly(new SegmentRange(segment(3, 13), segment(3, 13)));
    }

    private Optional<ArchiveGap> on(long timeline) {
        ArchiveFacts facts = archive.facts();
        listed.clear();
        return ArchiveGap.of(
                facts.history(new TimelineId(timeline)).orElseThrow(),
                facts.backups().stream().map(BaseBackup::wal).toList(),
                facts.wal().segmentSize(),
                first -> {
                    listed.add(first);
                    return facts.wal();
                });
    }
}
