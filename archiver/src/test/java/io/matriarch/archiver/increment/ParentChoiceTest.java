package io.matriarch.archiver.increment;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.BackupServer;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ParentChoiceTest {

    private static final IncrementPolicy WANTED =
            new IncrementPolicy(BackupType.INCREMENTAL, Duration.ofHours(20));
    private static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);

    private final TestArchive archive = new TestArchive();
    private final BaseBackup full = archive.backup(1, 1, 1.5);
    private final BaseBackup first = archive.incremental(full, 2, 2.5);

    private static BackupServer server(int version, boolean hasChecksums, boolean logsHints) {
        return new BackupServer(
                version, SIZE, "node1", 1, false, hasChecksums, Optional.of(logsHints));
    }

    private static ParentChoice.Occasion at(BackupServer server, long timeline, double hour) {
        return new ParentChoice.Occasion(
                server, new TimelineId(timeline), true, TestArchive.hour(hour));
    }

    private static final BackupServer SAME = server(150_004, true, false);

    private static ParentChoice choice(
            IncrementPolicy policy, ParentChoice.Occasion occasion, List<BaseBackup> backups) {
        return ParentChoice.of(policy, occasion, backups);
    }

    @Test
    void the_newest_is_the_parent_with_all_that_it_is_based_on() {
        assertThat(choice(WANTED, at(SAME, 1, 3), List.of(first, full)))
                .isInstanceOfSatisfying(
                        ParentChoice.Incremental.class,
                        it -> assertThat(it.chain().backups()).containsExactly(full, first));
    }

    @Test
    void a_full_one_is_taken_where_nothing_else_was_asked_for() {
        assertThat(choice(IncrementPolicy.DEFAULT, at(SAME, 1, 3), List.of(full, first)))
                .isEqualTo(new ParentChoice.Full(""));
    }

    record Doubt(String told, ParentChoice.Occasion occasion) {}

    static List<Doubt> doubts() {
        return List.of(
                new Doubt("timeline", at(SAME, 2, 3)),
                new Doubt("PostgreSQL 15", at(server(160_001, true, false), 1, 3)),
                new Doubt("data_checksums", at(server(150_004, false, true), 1, 3)),
                new Doubt("neither", at(server(150_004, false, false), 1, 3)),
                new Doubt("is of 2026", at(SAME, 1, 21)),
                new Doubt(
                        "8 KB",
                        new ParentChoice.Occasion(
                                SAME, TimelineId.FIRST, false, TestArchive.hour(3))));
    }

    @ParameterizedTest
    @MethodSource("doubts")
    void in_any_doubt_a_full_one_is_taken(Doubt doubt) {
        assertThat(choice(WANTED, doubt.occasion(), List.of(full, first)))
                .isInstanceOfSatisfying(
                        ParentChoice.Full.class,
                        it -> assertThat(it.reason()).contains(doubt.told()));
    }

    @Test
    void there_must_be_a_whole_chain() {
        assertThat(choice(WANTED, at(SAME, 1, 3), List.of()))
                .isEqualTo(new ParentChoice.Full("there is no backup yet"));
        assertThat(choice(WANTED, at(SAME, 1, 3), List.of(first)))
                .isInstanceOfSatisfying(
                        ParentChoice.Full.class,
                        it -> assertThat(it.reason()).contains(full.id().toString(), "missing"));
    }

    @Test
    void a_chain_does_not_grow_for_ever() {
        List<BaseBackup> backups = new ArrayList<>(List.of(full));
        for (int i = 1; i < ParentChoice.MOST; i++) {
            double hour = 1 + i / 10.0;
            backups.add(archive.incremental(backups.getLast(), hour, hour + 0.05));
        }
        Instant soon = backups.getLast().stopTime();

        assertThat(
                        ParentChoice.of(
                                WANTED,
                                new ParentChoice.Occasion(SAME, TimelineId.FIRST, true, soon),
                                backups))
                .isInstanceOfSatisfying(
                        ParentChoice.Full.class,
                        it -> assertThat(it.reason()).contains("63 incremental"));
    }

    @Test
    void pages_that_were_changed_since_the_parents_start_go_along() {
        Reference reference = new Reference(full, ParentFiles.of(full, seen -> {}));

        assertThat(reference.isChanged(3, 10, TestArchive.position(1))).isTrue();
        assertThat(reference.isChanged(3, 10, TestArchive.position(0.9))).isFalse();
        assertThat(reference.isChanged(10, 10, TestArchive.position(0.9))).isTrue();
        assertThat(reference.isChanged(3, 10, new Lsn(1))).isTrue();
    }
}
