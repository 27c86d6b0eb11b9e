package io.matriarch.archiver.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.catalogue.Backups;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.s3.DoubleTraits;
import io.matriarch.archiver.s3.Fault;
import io.matriarch.archiver.s3.FaultProxy;
import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** One description that cannot be had must not keep the others from being used. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnreadableCatalogueTest {

    private static final String HISTORY = TestArchive.LAYOUT.history(new TimelineId(2));

    private final TestArchive paper = new TestArchive();
    private final BaseBackup older = paper.backup(1, 1, 1.5);
    private final BaseBackup newer = paper.backup(1, 3, 3.5);
    private final S3Double server = S3Double.start(DoubleTraits.AMAZON);
    private final FaultProxy proxy = FaultProxy.before(server.settings("p"));
    private final ObjectStore store = ObjectStore.open(proxy.through(server.settings("p")));

    @BeforeEach
    void two_backups_and_a_history() {
        for (BaseBackup backup : new BaseBackup[] {older, newer}) {
            put(key(backup), new String(RepositoryJson.write(backup), StandardCharsets.UTF_8));
        }
        put(HISTORY, "1\t0/400000\tno recovery target specified\n");
    }

    @AfterEach
    void ended() throws Exception {
        store.close();
        proxy.close();
        server.close();
    }

    private void put(String key, String text) {
        assertThat(
                        store.putIfAbsent(
                                key, Body.of(text.getBytes(StandardCharsets.UTF_8)), Metadata.NONE))
                .isNotNull();
    }

    private static String key(BaseBackup backup) {
        return TestArchive.LAYOUT.backup(backup.id());
    }

    @Test
    void a_description_that_must_be_thawed_is_named_and_the_others_are_used() {
        freeze(key(newer));

        assertOnlyTheOlder("must be thawed");
    }

    @Test
    void a_description_that_breaks_off_is_named_and_the_others_are_used() {
        proxy.faults(passing ->
                passing.is(Operation.GET_OBJECT) && passing.isOf(key(newer))
                        ? new Fault.Truncate(40)
                        : Fault.NONE);

        assertOnlyTheOlder("breaks off");
    }

    @Test
    void a_description_that_breaks_off_once_is_read_again() {
        proxy.fail(
                1,
                passing -> passing.is(Operation.GET_OBJECT) && passing.isOf(key(newer)),
                new Fault.Truncate(40));

        assertThat(Backups.list(store, TestArchive.LAYOUT)).containsExactly(older, newer);
    }

    @Test
    void a_description_of_a_newer_format_is_told_from_a_damaged_one() {
        String text = new String(RepositoryJson.write(newer), StandardCharsets.UTF_8);
        store.delete(List.of(key(newer)));
        put(key(newer), text.replace("\"format\" : 1", "\"format\" : 3"));

        assertOnlyTheOlder("format 3 (expected: at most 2)");
    }

    @Test
    void a_description_that_is_no_description_is_named_once() {
        store.delete(List.of(key(newer)));
        put(key(newer), "{}");

        assertOnlyTheOlder("damaged (expected: JSON with the number of its format)");
        assertThat(survey().damaged())
                .singleElement()
                .hasToString(
                        "object "
                                + key(newer)
                                + ": damaged (expected: JSON with the number of its format)");
    }

    @Test
    void a_description_unlike_its_sum_is_named_once() {
        String sum = TestArchive.LAYOUT.backupSum(newer.id());
        put(sum, "of something else");

        assertThat(survey().damaged())
                .singleElement()
                .asString()
                .startsWith("object " + key(newer) + ": damaged: SHA-256 ")
                .endsWith(" (expected: \"of something else\", as " + sum + " has it)");
    }

    /** The fault is not the description's, so the description's name does not tell all. */
    @Test
    void a_sum_that_must_be_thawed_is_named_beside_the_description() {
        String sum = TestArchive.LAYOUT.backupSum(newer.id());
        put(sum, "of something else");
        freeze(sum);

        assertThat(survey().damaged())
                .singleElement()
                .asString()
                .startsWith("object " + key(newer) + ": object " + sum + ": must be thawed");
    }

    @Test
    void a_history_that_must_be_thawed_is_named_and_stops_only_who_deletes() {
        freeze(HISTORY);

        assertThat(survey().damaged())
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.key()).isEqualTo(HISTORY);
                    assertThat(it.reason()).contains("must be thawed");
                });
        assertThatThrownBy(this::retention)
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("must be thawed");
    }

    private void freeze(String key) {
        server.bucket().move("p/" + key, "GLACIER", "", "");
    }

    private void assertOnlyTheOlder(String reason) {
        assertThat(Backups.list(store, TestArchive.LAYOUT)).containsExactly(older);
        ArchiveFacts facts = survey();
        assertThat(facts.backups()).containsExactly(older);
        assertThat(facts.damaged())
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.key()).isEqualTo(key(newer));
                    assertThat(it.reason()).contains(reason);
                });
        assertThat(retention().unreadable()).containsExactly(newer.id());
    }

    private ArchiveFacts survey() {
        return ArchiveSurvey.forRestore(store, TestArchive.LAYOUT, Optional.empty());
    }

    private RetentionFacts retention() {
        return RetentionFacts.of(store, TestArchive.LAYOUT, Optional.empty(), Set.of());
    }
}
