package io.matriarch.archiver.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service that keeps something else than what it was sent, and says so only in the digests of its
 * answers, if at all.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DamagedUploadsTest {

    private static final int TWO_PARTS = 9 << 20;

    private S3Double server = S3Double.start(DoubleTraits.AMAZON);

    @AfterEach
    void stop_the_server() {
        server.close();
    }

    /** What a small object and one in parts may suffer, with each way of telling. */
    static Stream<Arguments> damages() {
        return Stream.of("", "&checksums=when-supported", "&checksums=when-supported&sse=kms")
                .flatMap(options ->
                        Stream.of(
                                Arguments.of(options, 1_000, Damage.CUT),
                                Arguments.of(options, 1_000, Damage.FLIPPED),
                                Arguments.of(options, 1_000, Damage.EMPTY),
                                Arguments.of(options, TWO_PARTS, Damage.CUT),
                                Arguments.of(options, TWO_PARTS, Damage.FLIPPED)));
    }

    /** What becomes of what was sent. */
    enum Damage {
        CUT,
        FLIPPED,
        EMPTY;

        byte[] of(byte[] content) {
            return switch (this) {
                case CUT -> Arrays.copyOf(content, content.length - content.length / 8);
                case FLIPPED -> {
                    byte[] other = content.clone();
                    other[other.length / 2] ^= 1;
                    yield other;
                }
                case EMPTY -> new byte[0];
            };
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("damages")
    void what_is_never_kept_as_it_was_sent_is_never_confirmed_and_does_not_stay(
            String options, int size, Damage damage) {
        server.bucket().damage((_, content) -> damage.of(content));

        try (ObjectStore store = open(options)) {
            assertThatThrownBy(() -> store.putIfAbsent("key", body(size), Metadata.NONE))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            trouble -> assertThat(trouble.isTransient()).isTrue());
        }

        assertThat(server.bucket().keys()).isEmpty();
        assertThat(server.bucket().uploadsUnderWay()).isZero();
    }

    /** An upload in parts is made anew by the caller: its body has to be read again. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("damages")
    void what_was_damaged_once_is_sent_again(String options, int size, Damage damage)
            throws IOException {
        AtomicInteger damaged = new AtomicInteger();
        server.bucket()
                .damage((_, content) ->
                        damaged.getAndIncrement() == 0 ? damage.of(content) : content);

        try (ObjectStore store = open(options)) {
            PutOutcome outcome;
            try {
                outcome = store.putIfAbsent("key", body(size), Metadata.NONE);
            } catch (StoreException e) {
                assertThat(size).isEqualTo(TWO_PARTS);
                outcome = store.putIfAbsent("key", body(size), Metadata.NONE);
            }

            assertThat(outcome).isEqualTo(new PutOutcome.Stored());
            assertKept(store, size);
        }
        assertThat(damaged).hasValueGreaterThan(1);
    }

    /** Encrypted with a key, and without the newer checksums: only the size tells. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, TWO_PARTS})
    void what_no_digest_tells_of_is_compared_by_its_size(int size) {
        server.bucket().damage((_, content) -> Damage.CUT.of(content));

        try (ObjectStore store = open("&sse=kms")) {
            assertThatThrownBy(() -> store.putIfAbsent("key", body(size), Metadata.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("bytes");
        }

        assertThat(server.bucket().keys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&checksums=when-supported", "&sse=kms"})
    void what_is_kept_as_it_was_sent_is_confirmed(String options) throws IOException {
        try (ObjectStore store = open(options)) {
            for (int size : List.of(0, 1_000, TWO_PARTS)) {
                assertThat(store.putIfAbsent("key-" + size, body(size), Metadata.NONE))
                        .isEqualTo(new PutOutcome.Stored());
            }
        }
    }

    /** Some services have tags that look like digests: there, what was sent is read back. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, TWO_PARTS})
    void a_tag_that_is_no_digest_is_no_damage(int size) throws IOException {
        server.bucket().giveOddTags();

        try (ObjectStore store = open("")) {
            assertThat(store.putIfAbsent("key", body(size), Metadata.NONE))
                    .isEqualTo(new PutOutcome.Stored());
            assertKept(store, size);

            server.bucket().damage((_, content) -> Damage.FLIPPED.of(content));
            assertThatThrownBy(() -> store.putIfAbsent("other", body(size), Metadata.NONE))
                    .isInstanceOf(StoreException.class);
        }
        assertThat(server.bucket().keys()).containsExactly("it/key");
    }

    /** The key stays taken: whoever asked for it finds that out by comparing. */
    @Test
    void what_may_not_be_removed_is_not_confirmed_either() {
        server.bucket().forbidDeletion("it/key");
        server.bucket().damage((_, content) -> Damage.FLIPPED.of(content));

        try (ObjectStore store = open("")) {
            assertThat(store.putIfAbsent("key", body(1_000), Metadata.NONE))
                    .isInstanceOf(PutOutcome.AlreadyThere.class);
        }
    }

    /** Nothing is asked of the store, and nothing read back, when its answer has told enough. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&checksums=when-supported", "&checksums=when-supported&sse=kms"})
    void an_answer_that_tells_enough_costs_no_other_request(String options) {
        try (ObjectStore store = open(options)) {
            store.putIfAbsent("key", body(1_000), Metadata.NONE);
        }

        assertThat(server.requests()).extracting(DoubleRequest::method).containsExactly("PUT");
    }

    private void assertKept(ObjectStore store, int size) throws IOException {
        try (InputStream in = store.get("key").orElseThrow()) {
            assertThat(Arrays.equals(in.readAllBytes(), content(size))).isTrue();
        }
    }

    private ObjectStore open(String options) {
        return ObjectStore.open(
                server.settings("it", options).withPatience(Duration.ofMillis(500)));
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static Body body(int size) {
        byte[] bytes = content(size);
        return new Body() {
            @Override
            public long length() {
                return -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }
}
