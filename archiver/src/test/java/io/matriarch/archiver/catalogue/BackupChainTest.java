package io.matriarch.archiver.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.repository.RepositoryJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupChainTest {

    private final TestArchive archive = new TestArchive();
    private final BaseBackup full = archive.backup(1, 1, 1.5);
    private final BaseBackup first = archive.incremental(full, 2, 2.5);
    private final BaseBackup second = archive.incremental(first, 3, 3.5);

    @Test
    void a_chain_begins_with_a_full_backup() {
        assertThat(BackupChain.of(second, List.of(second, first, full)))
                .isEqualTo(
                        new BackupChain.Search.Whole(
                                new BackupChain(List.of(full, first, second))));
        assertThat(BackupChain.of(full, List.of(full)))
                .isEqualTo(new BackupChain.Search.Whole(new BackupChain(List.of(full))));
    }

    @Test
    void a_lost_parent_is_named() {
        assertThat(BackupChain.of(second, List.of(second, full)))
                .isInstanceOfSatisfying(
                        BackupChain.Search.Broken.class,
                        it -> {
                            assertThat(it.missing()).isEqualTo(first.id());
                            assertThat(it.reason()).contains("missing");
                        });
    }

    @Test
    void another_backup_under_the_parents_name_is_not_taken_for_it() {
        BaseBackup other =
                new BaseBackup(
                        full.format(),
                        full.id(),
                        full.label(),
                        full.cluster(),
                        full.systemIdentifier(),
                        full.server(),
                        full.wal(),
                        full.totals(),
                        full.tablespaces(),
                        full.corruptPages(),
                        full.skipped(),
                        List.of(new BackupObject(FileManifest.NAME, 1, "of another")));

        assertThat(BackupChain.of(second, List.of(second, first, other)))
                .isInstanceOfSatisfying(
                        BackupChain.Search.Broken.class,
                        it -> assertThat(it.reason()).contains("another backup now"));
    }

    @Test
    void a_description_tells_the_parent_and_that_of_a_full_one_is_as_before() {
        String text = new String(RepositoryJson.write(first), StandardCharsets.UTF_8);
        String before = new String(RepositoryJson.write(full), StandardCharsets.UTF_8);

        assertThat(text).contains("\"format\" : 2", "\"base\" : {", full.id().toString());
        assertThat(before).contains("\"format\" : 1").doesNotContain("\"base\"");
        assertThat(RepositoryJson.read(bytes(text), BaseBackup.class, "it")).isEqualTo(first);
        assertThat(RepositoryJson.read(bytes(before), BaseBackup.class, "it")).isEqualTo(full);
        // As older versions have written it.
        String older = before.replaceAll(",\\s*\"logsHints\" : null", "");
        assertThat(older).isNotEqualTo(before);
        assertThat(RepositoryJson.read(bytes(older), BaseBackup.class, "it")).isEqualTo(full);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
