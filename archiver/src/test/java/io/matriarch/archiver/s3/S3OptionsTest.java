package io.matriarch.archiver.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StorageClass;
import io.matriarch.archiver.store.StorageClass.Access;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the options of a bucket make of the requests, and what Amazon's S3 makes of those. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class S3OptionsTest {

    private S3Double server = S3Double.start(DoubleTraits.AMAZON);

    @AfterEach
    void stop_the_server() {
        server.close();
    }

    /** A small object goes in one piece, a large one in parts: both must have it all. */
    @ParameterizedTest
    @ValueSource(ints = {10, 9 << 20})
    void objects_are_encrypted_with_the_key_that_was_named(int size) {
        put(size, "&sse=kms&sse-kms-key=arn:aws:kms:eu-central-1:1:key/k&sse-bucket-key=true");

        assertThat(stored().headers())
                .containsEntry("x-amz-server-side-encryption", "aws:kms")
                .containsEntry(
                        "x-amz-server-side-encryption-aws-kms-key-id",
                        "arn:aws:kms:eu-central-1:1:key/k")
                .containsEntry("x-amz-server-side-encryption-bucket-key-enabled", "true");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 9 << 20})
    void objects_are_encrypted_with_the_stores_own_keys(int size) {
        put(size, "&sse=s3");

        assertThat(stored().headers()).containsEntry("x-amz-server-side-encryption", "AES256");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 9 << 20})
    void objects_have_the_storage_class_and_the_tags(int size) {
        put(size, "&storage-class=STANDARD_IA&tags=team=shop,kind=a%20copy");

        assertThat(stored().storageClass()).isEqualTo("STANDARD_IA");
        assertThat(stored().headers().getOrDefault("x-amz-tagging", "").split("&"))
                .containsExactlyInAnyOrder("team=shop", "kind=a%20copy");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 9 << 20})
    void without_options_the_bucket_decides(int size) {
        put(size, "");

        assertThat(stored().headers()).containsOnlyKeys("x-amz-meta-writer");
    }

    @Test
    void a_part_size_is_kept_to() {
        put(12 << 20, "&part-size=5MiB");

        assertThat(server.requests())
                .filteredOn(request -> request.asks("partNumber"))
                .extracting(request -> request.body().length)
                .containsExactly(5 << 20, 5 << 20, 2 << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "STANDARD_IA, '', '', READABLE, READABLE",
        "GLACIER, '', '', UNTOLD, ARCHIVED",
        "DEEP_ARCHIVE, '', 'ongoing-request=\"true\"', UNTOLD, THAWING",
        "DEEP_ARCHIVE, '', 'ongoing-request=\"false\", expiry-date=\"x\"', UNTOLD, READABLE",
        "INTELLIGENT_TIERING, ARCHIVE_ACCESS, '', UNTOLD, ARCHIVED",
        "INTELLIGENT_TIERING, '', '', UNTOLD, READABLE"
    })
    void an_object_tells_where_it_lies_and_whether_it_can_be_read(
            String storageClass, String archive, String restore, Access listed, Access looked)
            throws IOException {
        put(10, "");
        server.bucket().move("it/key", storageClass, archive, restore);

        try (ObjectStore store = open("")) {
            assertThat(store.list(""))
                    .extracting(ListedObject::storage)
                    .containsExactly(new StorageClass(storageClass, listed));
            assertThat(store.head("key").orElseThrow().storage())
                    .isEqualTo(new StorageClass(storageClass, looked));
            if (looked == Access.READABLE) {
                assertThat(store.get("key").orElseThrow().readAllBytes()).hasSize(10);
            } else {
                assertThatThrownBy(() -> store.get("key"))
                        .isInstanceOfSatisfying(
                                StoreException.class,
                                trouble -> {
                                    assertThat(trouble).hasMessageContaining("InvalidObjectState");
                                    assertThat(trouble.hint()).contains("thaw");
                                    assertThat(trouble.isTransient()).isFalse();
                                });
            }
        }
    }

    @Test
    void a_clock_that_goes_wrong_is_allowed_for() {
        server.close();
        server = S3Double.start(DoubleTraits.AMAZON.withClockAhead(Duration.ofHours(1)));
        try (FaultProxy proxy = FaultProxy.before(server.settings("it"));
                ObjectStore store = ObjectStore.open(proxy.through(server.settings("it")))) {
            proxy.fail(1, _ -> true, new Fault.SkewedClock(Duration.ofHours(1)));

            assertThat(store.putIfAbsent("key", body(10), Metadata.NONE))
                    .isEqualTo(new PutOutcome.Stored());
        }
    }

    @Test
    void a_locked_bucket_keeps_what_is_deleted_and_serves() {
        server.close();
        server = S3Double.start(DoubleTraits.AMAZON.locked());
        try (ObjectStore store = open("&checksums=when-supported")) {
            store.putIfAbsent("key", body(10), Metadata.NONE);

            store.delete(List.of("key"));

            assertThat(store.head("key")).isEmpty();
            assertThat(store.list("")).isEmpty();
            assertThat(server.bucket().versions("it/key")).isEqualTo(2);
        }
    }

    /** It demands a digest with each object, of whatever kind. */
    @ParameterizedTest
    @CsvSource({
        "10, ''",
        "9437184, ''",
        "10, &checksums=when-supported",
        "9437184, &checksums=when-supported"
    })
    void a_locked_bucket_takes_what_is_put(int size, String options) {
        server.close();
        server = S3Double.start(DoubleTraits.AMAZON.locked());

        put(size, options);

        assertThat(stored().content()).hasSize(size);
    }

    @Test
    void what_may_not_be_deleted_is_named_and_the_rest_goes() {
        try (ObjectStore store = open("")) {
            store.putIfAbsent("kept", body(1), Metadata.NONE);
            store.putIfAbsent("gone", body(1), Metadata.NONE);
            server.bucket().forbidDeletion("it/kept");

            assertThatThrownBy(() -> store.delete(List.of("gone", "kept")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("it/kept: AccessDenied");

            assertThat(store.list("")).extracting(ListedObject::key).containsExactly("kept");
        }
    }

    @Test
    void an_upload_in_parts_that_fails_leaves_no_parts_behind() {
        Body failing =
                new Body() {
                    @Override
                    public long length() {
                        return -1;
                    }

                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        out.write(new byte[20 << 20]);
                        throw new IOException("disk on fire");
                    }
                };
        try (ObjectStore store = open("")) {
            assertThatThrownBy(() -> store.putIfAbsent("key", failing, Metadata.NONE))
                    .hasMessageContaining("disk on fire");
        }

        assertThat(server.bucket().uploadsUnderWay()).isZero();
        assertThat(server.bucket().keys()).isEmpty();
    }

    /** As a killed process leaves them; the proxy keeps this one from tidying up. */
    @Test
    void parts_of_long_ago_are_removed_and_those_of_an_upload_under_way_are_not() {
        try (FaultProxy proxy = FaultProxy.before(server.settings("it"));
                ObjectStore killed = ObjectStore.open(proxy.through(server.settings("it")));
                ObjectStore store = open("")) {
            proxy.faults(passing ->
                    passing.is(Operation.UPLOAD_PART)
                                    || passing.is(Operation.ABORT_MULTIPART_UPLOAD)
                            ? new Fault.Refuse(403, "AccessDenied")
                            : Fault.NONE);
            assertThatThrownBy(() -> killed.putIfAbsent("a/key", body(9 << 20), Metadata.NONE))
                    .isInstanceOf(StoreException.class);
            Instant aWeekAgo = Instant.now().minus(Duration.ofDays(7));

            assertThat(store.discardUnfinished("a/", aWeekAgo)).isZero();
            server.bucket().backdateUploads(Duration.ofDays(8));
            assertThat(store.discardUnfinished("b/", aWeekAgo)).isZero();
            assertThat(server.bucket().uploadsUnderWay()).isEqualTo(1);
            assertThat(store.discardUnfinished("a/", aWeekAgo)).isEqualTo(1);
            assertThat(server.bucket().uploadsUnderWay()).isZero();
        }
    }

    private void put(int size, String options) {
        try (ObjectStore store = open(options)) {
            assertThat(store.putIfAbsent("key", body(size), Metadata.of(Map.of("writer", "me"))))
                    .isEqualTo(new PutOutcome.Stored());
        }
    }

    private ObjectStore open(String options) {
        return ObjectStore.open(server.settings("it", options));
    }

    private DoubleObject stored() {
        return server.bucket().object("it/key").orElseThrow();
    }

    private static Body body(int size) {
        byte[] content = "x".repeat(size).getBytes(UTF_8);
        return new Body() {
            @Override
            public long length() {
                return -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(content);
            }
        };
    }
}
