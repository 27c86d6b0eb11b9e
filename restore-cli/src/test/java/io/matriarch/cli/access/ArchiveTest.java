package io.matriarch.cli.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));

    @TempDir Path directory;

    @BeforeEach
    void an_archive_with_a_claim() {
        Claim claim = Claim.of(LAYOUT, "f00d", WalSegmentSize.DEFAULT, Instant.ofEpochSecond(1));
        try (ObjectStore store = ObjectStore.open(settings())) {
            assertThat(Claims.take(store, LAYOUT, claim)).isNotNull();
        }
    }

    @Test
    void the_archive_of_the_cluster_is_opened() {
        try (Archive archive = open()) {
            assertThat(archive.layout()).isEqualTo(LAYOUT);
            assertThat(archive.note()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"format, 1, 99, format 99", "cluster, \"shop\", \"sham\", cluster sham"})
    void one_of_a_newer_format_or_of_another_is_refused(
            String field, String ours, String theirs, String what) throws Exception {
        change('"' + field + "\" : " + ours, '"' + field + "\" : " + theirs);

        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        it -> {
                            assertThat(it.status()).isEqualTo(ExitStatus.REFUSED);
                            assertThat(it).hasMessageContaining(what);
                        });
    }

    @Test
    void one_whose_claim_is_damaged_is_opened_and_that_is_said() throws Exception {
        change("{", "");

        try (Archive archive = open()) {
            assertThat(archive.note())
                    .hasValueSatisfying(it -> assertThat(it).contains(LAYOUT.claim()));
        }
    }

    private Archive open() {
        return Archive.open(settings(), Optional.empty(), Optional.empty());
    }

    private StoreSettings settings() {
        return StoreSettings.of(new StoreLocation.Directory(directory));
    }

    private void change(String before, String after) throws IOException {
        Path claim = directory.resolve(LAYOUT.claim());
        String text = Files.readString(claim);
        assertThat(text).contains(before);
        Files.writeString(claim, text.replace(before, after));
    }
}
