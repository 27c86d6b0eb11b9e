package io.matriarch.archiver.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One call at a time to a real S3 server, through a proxy that fails. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreThroughFaultsIT {

    private static final int THREE_PARTS = 20 << 20;

    private static S3Server server;
    private static FaultProxy proxy;

    private ObjectStore store;
    private ObjectStore direct;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory);
        proxy = FaultProxy.before(server.settings("it"));
    }

    @AfterAll
    static void stop_the_server() {
        proxy.close();
        server.close();
    }

    @BeforeEach
    void a_store_behind_the_proxy() {
        StoreSettings settings = server.settings("it/" + UUID.randomUUID());
        direct = ObjectStore.open(settings);
        StoreSettings through = proxy.through(settings);
        store =
                ObjectStore.open(
                        new StoreSettings(
                                through.location(),
                                through.credentials(),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(1)));
    }

    @AfterEach
    void closed() {
        proxy.heal();
        store.close();
        direct.close();
    }

    /** Each request of an upload in parts, and what may become of it for good. */
    static Stream<Arguments> requestsOfAnUpload() {
        return Stream.of(
                        Operation.CREATE_MULTIPART_UPLOAD,
                        Operation.UPLOAD_PART,
                        Operation.COMPLETE_MULTIPART_UPLOAD)
                .flatMap(operation ->
                        Stream.of(
                                Arguments.of(operation, Fault.SLOW_DOWN),
                                Arguments.of(operation, new Fault.Refuse(200, "InternalError")),
                                Arguments.of(operation, new Fault.Reset()),
                                Arguments.of(operation, new Fault.Refuse(403, "AccessDenied"))));
    }

    @ParameterizedTest
    @MethodSource("requestsOfAnUpload")
    void an_upload_whose_request_fails_for_good_is_trouble_and_creates_nothing(
            Operation operation, Fault fault) {
        proxy.faults(passing -> passing.is(operation) ? fault : Fault.NONE);

        assertThatThrownBy(() -> store.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE))
                .isInstanceOf(StoreException.class);

        assertThat(direct.head("key")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("requestsOfAnUpload")
    void an_upload_whose_request_fails_once_is_whole_in_the_end(Operation operation, Fault fault)
            throws IOException {
        boolean isPassing = !fault.equals(new Fault.Refuse(403, "AccessDenied"));
        AtomicInteger failed = proxy.fail(1, passing -> passing.is(operation), fault);

        if (isPassing) {
            assertThat(store.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE))
                    .isEqualTo(new PutOutcome.Stored());
            assertThat(failed).hasPositiveValue();
            assertSame("key", THREE_PARTS);
        } else {
            assertThatThrownBy(() -> store.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE))
                    .hasMessageContaining("AccessDenied");
            assertThat(direct.head("key")).isEmpty();
        }
    }

    /** Over plain HTTP the signature covers the content, and is what no longer fits. */
    @ParameterizedTest
    @ValueSource(ints = {100_000, THREE_PARTS})
    void an_upload_in_which_a_bit_flips_is_sent_again_by_keys_that_are_known_to_be_right(int size)
            throws IOException {
        assertThat(store.head("other")).isEmpty();
        AtomicInteger flipped =
                proxy.fail(1, StoreThroughFaultsIT::isUpload, new Fault.FlipUp(50_000));

        assertThat(store.putIfAbsent("key", body(size), Metadata.NONE))
                .isEqualTo(new PutOutcome.Stored());

        assertThat(flipped).hasValueGreaterThan(1);
        assertSame("key", size);
    }

    @Test
    void an_upload_in_which_a_bit_flips_each_time_fails_with_both_causes_named() {
        assertThat(store.head("other")).isEmpty();
        AtomicInteger flipped =
                proxy.fail(99, StoreThroughFaultsIT::isUpload, new Fault.FlipUp(50_000));

        assertThatThrownBy(() -> store.putIfAbsent("key", body(100_000), Metadata.NONE))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        it -> {
                            assertThat(it).hasMessageContaining("SignatureDoesNotMatch");
                            assertThat(it.hint()).contains("damaged on its way", "secret key");
                        });

        assertThat(flipped).hasValueBetween(3, 5);
        assertThat(direct.head("key")).isEmpty();
    }

    @Test
    void wrong_keys_are_told_at_once() {
        StoreSettings through = proxy.through(server.settings("it/" + UUID.randomUUID()));
        StoreCredentials wrong =
                StoreCredentials.of(
                        through.credentials().orElseThrow().accessKeyId(), "not-the-secret");
        AtomicInteger asked = proxy.fail(0, _ -> true, Fault.NONE);

        try (ObjectStore refused = ObjectStore.open(through.withCredentials(wrong))) {
            assertThatThrownBy(() -> refused.putIfAbsent("key", body(10), Metadata.NONE))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            it -> {
                                assertThat(it).hasMessageContaining("SignatureDoesNotMatch");
                                assertThat(it.hint()).contains("the credentials are wrong");
                                assertThat(it.isTransient()).isFalse();
                            });
        }

        assertThat(asked).hasValue(1);
    }

    private static boolean isUpload(Passing passing) {
        return passing.is(Operation.PUT_OBJECT) || passing.is(Operation.UPLOAD_PART);
    }

    /** Servers differ in what they answer to the second try; the object is there in any case. */
    @Test
    void a_lost_answer_to_the_completion_is_an_object_that_is_there() throws IOException {
        proxy.fail(
                1,
                passing -> passing.is(Operation.COMPLETE_MULTIPART_UPLOAD),
                new Fault.LoseAnswer());

        switch (store.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE)) {
            case PutOutcome.Stored() -> {}
            case PutOutcome.AlreadyThere(StoredObject there) ->
                    assertThat(there.size()).isEqualTo(THREE_PARTS);
        }
        assertSame("key", THREE_PARTS);
    }

    /** Of a store, or of something on the way that is none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<Error><Code>InternalError</Code><Message>an error</Message></Error>",
                "<html>Please log in to this network</html>",
                ""
            })
    void a_200_that_confirms_nothing_is_trouble(String body) {
        direct.putIfAbsent("there", body(1), Metadata.NONE);
        proxy.faults(passing ->
                passing.is(Operation.OTHER) ? Fault.NONE : new Fault.ReplaceAnswer(200, body));

        assertThatThrownBy(() -> store.putIfAbsent("key", Body.of(new byte[1]), Metadata.NONE))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.putIfAbsent("parts", body(THREE_PARTS), Metadata.NONE))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.head("there")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.get("there")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.list("")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.listFolders("")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.delete(List.of("there"))).isInstanceOf(StoreException.class);
    }

    @Test
    void an_error_inside_a_200_to_a_deletion_is_trouble() {
        store.putIfAbsent("key", body(1), Metadata.NONE);
        String refusal =
                "<DeleteResult><Error><Key>key</Key><Code>AccessDenied</Code></Error></DeleteResult>";
        proxy.faults(passing ->
                passing.is(Operation.DELETE_OBJECTS)
                        ? new Fault.ReplaceAnswer(200, refusal)
                        : Fault.NONE);

        assertThatThrownBy(() -> store.delete(List.of("key")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("key: AccessDenied");
    }

    @Test
    void a_deletion_that_the_store_is_too_busy_for_is_tried_again() {
        store.putIfAbsent("key", body(1), Metadata.NONE);
        String busy =
                "<DeleteResult><Error><Key>key</Key><Code>SlowDown</Code></Error></DeleteResult>";
        AtomicInteger failed =
                proxy.fail(
                        2,
                        passing -> passing.is(Operation.DELETE_OBJECTS),
                        new Fault.ReplaceAnswer(200, busy));

        store.delete(List.of("key"));

        assertThat(failed).hasValue(3);
        assertThat(direct.head("key")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000_000, THREE_PARTS - 1})
    void a_download_that_breaks_off_goes_on_where_it_was(int broken) throws IOException {
        direct.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE);
        AtomicInteger failed =
                proxy.fail(
                        3, passing -> passing.is(Operation.GET_OBJECT), new Fault.Truncate(broken));

        try (InputStream in = store.get("key").orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(content(THREE_PARTS));
        }

        assertThat(failed).hasValueGreaterThan(1);
    }

    @Test
    void a_download_that_breaks_off_for_good_is_trouble_and_no_short_object() throws IOException {
        direct.putIfAbsent("key", body(THREE_PARTS), Metadata.NONE);
        proxy.faults(passing ->
                passing.is(Operation.GET_OBJECT) ? new Fault.Truncate(1_000) : Fault.NONE);

        try (InputStream in = store.get("key").orElseThrow()) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_listing_that_is_cut_off_is_trouble_and_no_short_listing() {
        direct.putIfAbsent("a", body(1), Metadata.NONE);
        direct.putIfAbsent("b", body(1), Metadata.NONE);
        proxy.faults(passing -> passing.is(Operation.LIST) ? new Fault.Truncate(150) : Fault.NONE);

        assertThatThrownBy(() -> store.list("")).isInstanceOf(StoreException.class);

        proxy.heal();
        assertThat(store.list("")).extracting(ListedObject::key).containsExactly("a", "b");
    }

    @Test
    void a_store_that_says_nothing_is_given_up_in_time() {
        proxy.faults(_ -> new Fault.BlackHole());

        assertThatThrownBy(() -> store.head("key"))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        trouble -> assertThat(trouble.isTransient()).isTrue());
    }

    private void assertSame(String key, int size) throws IOException {
        try (InputStream in = direct.get(key).orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(content(size));
        }
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
