package io.matriarch.archiver.claim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.repository.Claim;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.s3.DoubleTraits;
import io.matriarch.archiver.s3.S3Double;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** On a server that takes {@code If-None-Match} and ignores it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CautiousStoreTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), new SystemIdentifier(7));

    private S3Double server;
    private ObjectStore bare;
    private CautiousStore store;

    @BeforeEach
    void start_a_server_that_ignores_conditions() {
        server = S3Double.start(DoubleTraits.AMAZON.withoutConditions());
        bare = ObjectStore.open(server.settings("it"));
        store = new CautiousStore(bare);
    }

    @AfterEach
    void stop_the_server() {
        store.close();
        server.close();
    }

    @Test
    void the_probe_finds_it_out() {
        assertThat(Claims.take(bare, LAYOUT, claim("f00d"))).isEqualTo(ConditionalWrites.IGNORED);
    }

    @Test
    void a_claim_is_not_replaced_by_a_copy_of_the_cluster() {
        Claims.take(bare, LAYOUT, claim("f00d"));

        assertThatThrownBy(() -> Claims.take(bare, LAYOUT, claim("beef")))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("belongs to owner f00d");
        assertThat(Claims.read(bare, LAYOUT)).contains(claim("f00d"));
    }

    @Test
    void what_is_there_is_not_replaced() throws IOException {
        store.putIfAbsent("key", body("first"), Metadata.of(Map.of("writer", "one")));

        PutOutcome second =
                store.putIfAbsent("key", body("second"), Metadata.of(Map.of("writer", "two")));

        assertThat(second).isInstanceOf(PutOutcome.AlreadyThere.class);
        assertThat(bare.get("key").orElseThrow().readAllBytes()).isEqualTo("first".getBytes(UTF_8));
    }

    /** Both have looked before either has written: the one who finds the other's is told. */
    @Test
    void who_reads_back_the_object_of_another_is_told() {
        ObjectStore raced = new RacedStore(bare, () -> put(bare, "theirs"));

        PutOutcome outcome =
                new CautiousStore(raced).putIfAbsent("key", body("ours"), Metadata.NONE);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        PutOutcome.AlreadyThere.class,
                        there -> assertThat(there.existing().size()).isEqualTo("theirs".length()));
    }

    @Test
    void objects_tell_that_they_were_not_protected() {
        store.putIfAbsent("before", body("x"), Metadata.NONE);
        store.learn(ConditionalWrites.IGNORED);
        store.putIfAbsent("after", body("x"), Metadata.of(Map.of("writer", "one")));

        StoredObject after = bare.head("after").orElseThrow();
        assertThat(CautiousStore.wasUnprotected(after)).isTrue();
        assertThat(after.metadata().value("writer")).contains("one");
        assertThat(CautiousStore.wasUnprotected(bare.head("before").orElseThrow())).isFalse();
    }

    @Test
    void a_store_that_keeps_its_word_is_not_asked_twice() {
        store.learn(ConditionalWrites.HONOURED);

        store.putIfAbsent("key", body("x"), Metadata.NONE);

        assertThat(bare.head("key").orElseThrow().metadata()).isEqualTo(Metadata.NONE);
    }

    private static void put(ObjectStore store, String text) {
        assertThat(store.putIfAbsent("key", body(text), Metadata.NONE))
                .isEqualTo(new PutOutcome.Stored());
    }

    private static Body body(String text) {
        return Body.of(text.getBytes(UTF_8));
    }

    private static Claim claim(String owner) {
        return Claim.of(LAYOUT, owner, WalSegmentSize.DEFAULT, Instant.EPOCH);
    }
}
