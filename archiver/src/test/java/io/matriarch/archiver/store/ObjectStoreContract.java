package io.matriarch.archiver.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.matriarch.archiver.claim.ConditionalWrites;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store must do, whatever it keeps its objects in. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class ObjectStoreContract {

    /** What S3 takes in one piece here. */
    private static final int PART = 8 << 20;

    private static final int LARGER_THAN_A_PART = PART + 12_345;

    private ObjectStore store;

    /**
     * What a server may break, and the store cannot mend. A subject states it; the tests that rest
     * on it are then reported as skipped, with the promise as the reason.
     */
    protected enum Promise {
        /** A creation on the condition that nothing is there happens once, whoever else tries. */
        CREATION_IS_ATOMIC,
        /** Giving up an upload in parts leaves the object that has its key. */
        AN_ABORTED_UPLOAD_LEAVES_THE_OBJECT
    }

    /** The promises that this subject's server is known to break. */
    protected Set<Promise> broken() {
        return Set.of();
    }

    private void requireKept(Promise promise) {
        assumeThat(broken()).as("broken by this server").doesNotContain(promise);
    }

    /** A store without objects. */
    protected abstract ObjectStore open();

    @BeforeEach
    void open_an_empty_store() {
        store = open();
    }

    @AfterEach
    void close_the_store() {
        store.close();
    }

    @Test
    void what_was_put_is_there_with_its_metadata() {
        Metadata metadata = Metadata.of(Map.of("crc32c", "00ff00ff", "epoch", "7"));

        PutOutcome outcome = store.putIfAbsent("a/b/c.txt", body("hello"), metadata);

        assertThat(outcome).isEqualTo(new PutOutcome.Stored());
        StoredObject found = store.head("a/b/c.txt").orElseThrow();
        assertThat(found.size()).isEqualTo(5);
        assertThat(found.metadata().value("crc32c")).contains("00ff00ff");
        assertThat(found.metadata().value("epoch")).contains("7");
        assertThat(found.storage().isReadable()).isTrue();
        assertThat(read("a/b/c.txt")).isEqualTo("hello".getBytes(UTF_8));
    }

    @Test
    void an_object_is_never_overwritten() {
        store.putIfAbsent("key", body("first"), Metadata.of(Map.of("writer", "one")));

        PutOutcome second =
                store.putIfAbsent("key", body("second"), Metadata.of(Map.of("writer", "two")));

        assertThat(second)
                .isInstanceOfSatisfying(
                        PutOutcome.AlreadyThere.class,
                        there -> {
                            assertThat(there.existing().size()).isEqualTo(5);
                            assertThat(there.existing().metadata().value("writer")).contains("one");
                        });
        assertThat(read("key")).isEqualTo("first".getBytes(UTF_8));
    }

    @Test
    void of_many_writers_at_once_one_wins_and_the_metadata_is_the_winners() throws Exception {
        requireKept(Promise.CREATION_IS_ATOMIC);
        List<Callable<PutOutcome>> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "writer-" + i;
            writers.add(() ->
                    store.putIfAbsent("race/key", body(name), Metadata.of(Map.of("writer", name))));
        }

        List<PutOutcome> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<PutOutcome> outcome : threads.invokeAll(writers)) {
                outcomes.add(outcome.get());
            }
        }

        assertThat(outcomes).filteredOn(PutOutcome.Stored.class::isInstance).hasSize(1);
        String content = new String(read("race/key"), UTF_8);
        assertThat(store.head("race/key").orElseThrow().metadata().value("writer"))
                .contains(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PART, LARGER_THAN_A_PART})
    void a_body_of_unknown_length_is_stored_whole(int size) {
        byte[] content = random(size);

        PutOutcome outcome = store.putIfAbsent("stream", streamed(content), Metadata.NONE);

        assertThat(outcome).isEqualTo(new PutOutcome.Stored());
        assertThat(store.head("stream").orElseThrow().size()).isEqualTo(size);
        assertThat(read("stream")).isEqualTo(content);
    }

    @Test
    void a_large_body_is_never_written_over_another() {
        store.putIfAbsent("stream", body("first"), Metadata.NONE);

        PutOutcome second =
                store.putIfAbsent("stream", streamed(random(LARGER_THAN_A_PART)), Metadata.NONE);

        assertThat(second).isInstanceOf(PutOutcome.AlreadyThere.class);
        requireKept(Promise.AN_ABORTED_UPLOAD_LEAVES_THE_OBJECT);
        assertThat(read("stream")).isEqualTo("first".getBytes(UTF_8));
    }

    @Test
    void a_body_that_fails_creates_nothing() {
        Body failing =
                new Body() {
                    @Override
                    public long length() {
                        return -1;
                    }

                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        out.write(random(LARGER_THAN_A_PART));
                        throw new IOException("disk on fire");
                    }
                };

        assertThatThrownBy(() -> store.putIfAbsent("broken", failing, Metadata.NONE))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("disk on fire");

        assertThat(store.head("broken")).isEmpty();
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void what_is_not_there_is_empty() {
        assertThat(store.head("nothing/here")).isEmpty();
        assertThat(store.get("nothing/here")).isEmpty();
        assertThat(store.list("nothing/")).isEmpty();
        assertThat(store.listFolders("nothing/")).isEmpty();
    }

    @Test
    void a_listing_has_all_keys_of_the_prefix_in_order() {
        for (String key : List.of("b/2", "a/1", "b/10", "b/1/x", "bc", "c/1")) {
            store.putIfAbsent(key, body(key), Metadata.NONE);
        }

        assertThat(store.list("b/"))
                .extracting(ListedObject::key)
                .containsExactly("b/1/x", "b/10", "b/2");
        assertThat(store.list("b/1"))
                .extracting(ListedObject::key)
                .containsExactly("b/1/x", "b/10");
        assertThat(store.list("b"))
                .extracting(ListedObject::key)
                .containsExactly("b/1/x", "b/10", "b/2", "bc");
        assertThat(store.list("")).hasSize(6);
        assertThat(store.list("c/1")).extracting(ListedObject::size).containsExactly(3L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    ""   | ""       | false | "a/1 b/1/x b/10 b/2 bc c/1"
                    b/   | ""       | false | "b/1/x b/10 b/2"
                    b/   | b/10     | false | "b/2"
                    b/   | b/1      | false | "b/1/x b/10 b/2"
                    b/   | a/1      | false | "b/1/x b/10 b/2"
                    b/   | c/1      | false | ""
                    b/1  | b/1/x    | false | "b/10"
                    b/   | ""       | true  | "b/10 b/2"
                    b/   | b/10     | true  | "b/2"
                    ""   | ""       | true  | "bc"
                    """)
    void a_listing_shows_what_was_asked_for_once(
            String prefix, String after, boolean isFlat, String shown) {
        for (String key : List.of("b/2", "a/1", "b/10", "b/1/x", "bc", "c/1")) {
            store.putIfAbsent(key, body(key), Metadata.NONE);
        }

        List<String> seen = new ArrayList<>();
        store.each(new Listing(prefix, after, isFlat), object -> seen.add(object.key()));

        assertThat(seen.stream().sorted().collect(Collectors.joining(" "))).isEqualTo(shown);
    }

    @Test
    void what_a_listing_has_shown_may_be_deleted_while_it_goes_on() {
        for (int i = 0; i < 50; i++) {
            store.putIfAbsent("many/" + i, body("x"), Metadata.NONE);
        }

        List<String> seen = new ArrayList<>();
        store.each(
                Listing.of("many/"),
                object -> {
                    seen.add(object.key());
                    store.delete(List.of(object.key()));
                });

        assertThat(seen).hasSize(50);
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void folders_are_listed_without_what_is_below_them() {
        for (String key : List.of("a/b/c", "a/b/d", "a/e", "f/g", "h")) {
            store.putIfAbsent(key, body(key), Metadata.NONE);
        }

        assertThat(store.listFolders("")).containsExactly("a", "f");
        assertThat(store.listFolders("a/")).containsExactly("b");
    }

    @Test
    void what_was_deleted_is_gone_and_may_be_deleted_again() {
        store.putIfAbsent("a/1", body("x"), Metadata.of(Map.of("old", "yes")));
        store.putIfAbsent("a/2", body("y"), Metadata.NONE);

        store.delete(List.of("a/1", "a/never"));
        store.delete(List.of("a/1"));

        assertThat(store.list("")).extracting(ListedObject::key).containsExactly("a/2");
        assertThat(store.putIfAbsent("a/1", body("z"), Metadata.NONE))
                .isEqualTo(new PutOutcome.Stored());
        assertThat(store.head("a/1").orElseThrow().metadata().value("old")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a//b", "../a", "a/../../b", ".hidden", "a/.b", "a b"})
    void a_key_that_could_escape_is_refused(String key) {
        assertThatThrownBy(() -> store.putIfAbsent(key, body("x"), Metadata.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key");
    }

    @Test
    void the_probe_finds_conditions_honoured_and_leaves_nothing() {
        store.putIfAbsent("claim", body("mine"), Metadata.NONE);

        ConditionalWrites found = ConditionalWrites.probe(store, "claim");

        assertThat(found).isEqualTo(ConditionalWrites.HONOURED);
        assertThat(store.list("")).hasSize(1);
    }

    protected ObjectStore store() {
        return store;
    }

    protected byte[] read(String key) {
        try (InputStream in = store.get(key).orElseThrow()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected static Body body(String text) {
        return Body.of(text.getBytes(UTF_8));
    }

    protected static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    protected static Body streamed(byte[] content) {
        return new Body() {
            @Override
            public long length() {
                return -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                int half = content.length / 2;
                out.write(content, 0, half);
                out.write(content, half, content.length - half);
            }
        };
    }
}
