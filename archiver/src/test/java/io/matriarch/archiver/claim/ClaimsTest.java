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
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void nothing_archived_means_no_claim() {
        assertThat(Claims.read(store, LAYOUT)).isEmpty();
    }

    private static Claim claim(String owner, long second) {
        return Claim.of(LAYOUT, owner, WalSegmentSize.DEFAULT, Instant.ofEpochSecond(second));
    }
}
