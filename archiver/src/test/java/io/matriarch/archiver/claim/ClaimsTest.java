package io.matriarch.archiver.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClaimsTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));

    @TempDir Path directory;
    private ObjectStore store;

    @BeforeEach
    void open_a_store() {
        store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(directory)));
    }

    @Test
    void the_first_claim_holds_and_may_be_taken_again() {
        ConditionalWrites first = Claims.take(store, LAYOUT, claim("f00d", 0));
        Claims.take(store, LAYOUT, claim("f00d", 99));

        assertThat(first).isEqualTo(ConditionalWrites.HONOURED);
        assertThat(Claims.read(store, LAYOUT)).contains(claim("f00d", 0));
    }

    @Test
    void a_copy_of_the_cluster_is_refused() {
        Claims.take(store, LAYOUT, claim("f00d", 0));

        assertThatThrownBy(() -> Claims.take(store, LAYOUT, claim("beef", 0)))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("belongs to owner f00d")
                .hasMessageContaining("expected: beef");
        assertThat(Claims.read(store, LAYOUT)).contains(claim("f00d", 0));
    }

    /** Its owner goes on or is refused, in words; nobody else is let in. */
    @Test
    void a_claim_with_a_changed_bit_lets_nobody_in_who_does_not_own_it() throws Exception {
        Claims.take(store, LAYOUT, claim("f00d", 0));
        Path object = directory.resolve(LAYOUT.claim());
        byte[] good = Files.readAllBytes(object);
        int refused = 0;
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << (at % 8));
            Files.write(object, bad);

            refused += isRefused("f00d") ? 1 : 0;
            assertThat(isRefused("beef")).as("byte %d", at).isTrue();
        }
        assertThat(refused).isGreaterThan("f00d".length());
    }

    private boolean isRefused(String owner) {
        try {
            ConditionalWrites _ = Claims.take(store, LAYOUT, claim(owner, 0));
            return false;
        } catch (RepositoryException refused) {
            return true;
        }
    }

    @Test
    void the_claim_of_the_archive_itself_is_nothing_to_speak_of() {
        Claims.take(store, LAYOUT, claim("f00d", 0));

        assertThat(Claims.checkForReading(store, LAYOUT)).isEmpty();
    }

    @Test
    void a_reader_refuses_a_newer_format() throws Exception {
        changed("\"format\" : 1", "\"format\" : 99");

        assertThatThrownBy(() -> Claims.checkForReading(store, LAYOUT))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("format 99 (expected: at most 1)");
    }

    @ParameterizedTest
    @CsvSource({"cluster, shop, sham", "systemIdentifier, 7, 8"})
    void a_reader_refuses_the_claim_of_another(String field, String ours, String theirs)
            throws Exception {
        changed('"' + field + "\" : \"" + ours, '"' + field + "\" : \"" + theirs);

        assertThatThrownBy(() -> Claims.checkForReading(store, LAYOUT))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("binds this archive to cluster")
                .hasMessageContaining(LAYOUT.claim());
    }

    @Test
    void the_clusters_own_archive_is_nothing_to_speak_of() {
        Claims.take(store, LAYOUT, claim("f00d", 0));

        assertThat(Claims.checkOwner(store, LAYOUT, "f00d")).isEmpty();
    }

    /** A person may read it; but from some moment on the two have other WAL. */
    @Test
    void the_archive_that_a_cluster_is_a_copy_of_is_not_its_own() {
        Claims.take(store, LAYOUT, claim("f00d", 0));

        assertThat(Claims.checkForReading(store, LAYOUT)).isEmpty();
        assertThatThrownBy(() -> Claims.checkOwner(store, LAYOUT, "beef"))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("belongs to owner f00d")
                .hasMessageContaining("expected: beef");
    }

    @ParameterizedTest
    @CsvSource({"cluster, shop, sham", "systemIdentifier, 7, 8"})
    void an_archive_bound_to_another_cluster_is_not_its_own(
            String field, String ours, String theirs) throws Exception {
        changed('"' + field + "\" : \"" + ours, '"' + field + "\" : \"" + theirs);

        assertThatThrownBy(() -> Claims.checkOwner(store, LAYOUT, "f00d"))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("binds this archive to cluster");
        assertThatThrownBy(() -> Claims.take(store, LAYOUT, claim("f00d", 0)))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("binds this archive to cluster");
    }

    @Test
    void whose_an_archive_without_a_sound_claim_is_cannot_be_told() throws Exception {
        assertThat(Claims.checkOwner(store, LAYOUT, "f00d"))
                .hasValueSatisfying(it -> assertThat(it).contains(LAYOUT.claim(), "missing"));

        changed("{", "<");

        assertThat(Claims.checkOwner(store, LAYOUT, "f00d"))
                .hasValueSatisfying(it -> assertThat(it).contains(LAYOUT.claim(), "damaged"));
    }

    @Test
    void a_reader_goes_on_without_a_claim_that_can_be_read_and_says_so() throws Exception {
        assertThat(Claims.checkForReading(store, LAYOUT))
                .hasValueSatisfying(it -> assertThat(it).contains(LAYOUT.claim(), "missing"));

        changed("{", "<");

        assertThat(Claims.checkForReading(store, LAYOUT))
                .hasValueSatisfying(it -> assertThat(it).contains(LAYOUT.claim(), "damaged"));
    }

    private void changed(String before, String after) throws Exception {
        Claims.take(store, LAYOUT, claim("f00d", 0));
        Path object = directory.resolve(LAYOUT.claim());
        String text = Files.readString(object);
        assertThat(text).contains(before);
        Files.writeString(object, text.replace(before, after));
    }

    @Test
    void nothing_archived_means_no_claim() {
        assertThat(Claims.read(store, LAYOUT)).isEmpty();
    }

    private static Claim claim(String owner, long second) {
        return Claim.of(LAYOUT, owner, WalSegmentSize.DEFAULT, Instant.ofEpochSecond(second));
    }
}
