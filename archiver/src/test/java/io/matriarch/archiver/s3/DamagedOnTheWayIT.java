package io.matriarch.archiver.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.s3.Passing.Operation;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.S3Server;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A real S3 server, and before it something that damages what is sent, over HTTP and HTTPS. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DamagedOnTheWayIT {

    private static final int SMALL = 100_000;
    private static final int THREE_PARTS = 20 << 20;
    private static final int TRIES = 5;

    private static S3Server server;
    private static FaultProxy plain;
    private static FaultProxy secure;

    @BeforeAll
    static void start_the_server(@TempDir Path directory) {
        server = S3Server.start(directory.resolve("server"));
        plain = FaultProxy.before(server.settings("it"));
        secure = FaultProxy.before(server.settings("it"), TestCertificate.in(directory, "proxy"));
    }

    @AfterAll
    static void stop_the_server() {
        plain.close();
        secure.close();
        server.close();
    }

    static Stream<Arguments> damages() {
        return Stream.of(true, false)
                .flatMap(isSecure ->
                        Stream.of("", "&checksums=when-supported")
                                .flatMap(options ->
                                        Stream.of(SMALL, THREE_PARTS)
                                                .flatMap(size ->
                                                        Stream.of(
                                                                Arguments.of(
                                                                        isSecure,
                                                                        options,
                                                                        size,
                                                                        new Fault.FlipUp(50_000)),
                                                                Arguments.of(
                                                                        isSecure,
                                                                        options,
                                                                        size,
                                                                        new Fault.CutUp(
                                                                                40_000))))));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void nothing_counts_as_stored_that_is_always_damaged(
            boolean isSecure, String options, int size, Fault fault) {
        FaultProxy proxy = isSecure ? secure : plain;
        StoreSettings settings = server.settings("it/" + UUID.randomUUID());
        proxy.faults(passing -> isUpload(passing) ? fault : Fault.NONE);

        try (ObjectStore store = open(proxy, settings, options);
                ObjectStore direct = ObjectStore.open(settings)) {
            boolean isStored = false;
            try {
                isStored =
                        store.putIfAbsent("key", body(size), Metadata.NONE)
                                instanceof PutOutcome.Stored;
            } catch (StoreException e) {
                // Refused, or found out.
            }

            assertThat(isStored).isFalse();
            assertThat(direct.list("")).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("damages")
    void what_was_damaged_once_is_there_as_it_was_sent_in_the_end(
            boolean isSecure, String options, int size, Fault fault) throws IOException {
        FaultProxy proxy = isSecure ? secure : plain;
        StoreSettings settings = server.settings("it/" + UUID.randomUUID());
        AtomicInteger damaged = proxy.fail(1, DamagedOnTheWayIT::isUpload, fault);

        try (ObjectStore store = open(proxy, settings, options);
                ObjectStore direct = ObjectStore.open(settings)) {
            boolean isStored = false;
            for (int i = 0; i < TRIES && !isStored; i++) {
                try {
                    isStored =
                            store.putIfAbsent("key", body(size), Metadata.NONE)
                                    instanceof PutOutcome.Stored;
                } catch (StoreException e) {
                    // As whoever asked for it would.
                }
            }

            assertThat(isStored).isTrue();
            assertThat(damaged).hasValueGreaterThan(1);
            try (InputStream in = direct.get("key").orElseThrow()) {
                assertThat(Arrays.equals(in.readAllBytes(), content(size))).isTrue();
            }
        }
    }

    private static boolean isUpload(Passing passing) {
        return passing.is(Operation.PUT_OBJECT) || passing.is(Operation.UPLOAD_PART);
    }

    private static ObjectStore open(FaultProxy proxy, StoreSettings settings, String options) {
        return ObjectStore.open(
                proxy.through(settings, options).withPatience(Duration.ofSeconds(1)));
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
