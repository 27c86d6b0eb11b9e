package io.matriarch.archiver.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.encryption.Keyring;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BundleBodyTest {

    private static final int BUFFER = 256 << 10;

    @TempDir private Path root;

    @Test
    void the_manifest_tells_where_each_file_lies_in_the_tar() throws IOException {
        Files.writeString(root.resolve("one"), "first");
        Files.writeString(root.resolve("two"), "second");
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        BundleBody body = body(bytes -> {}, "one", "two");

        body.writeTo(stored);

        byte[] tar = plain(stored);
        for (ManifestEntry entry : body.content().entries()) {
            int at = (int) entry.offset();
            assertThat(Arrays.copyOfRange(tar, at, at + (int) entry.size()))
                    .isEqualTo(Files.readAllBytes(root.resolve(entry.path())));
        }
        assertThat(body.content().size()).isEqualTo(stored.size());
        assertThat(body.content().sha256()).isEqualTo(Sha256.hex(stored.toByteArray()));
    }

    @Test
    void a_big_file_that_several_threads_compress_is_plain_zstd_all_the_same() throws IOException {
        byte[] content = new byte[33 << 20];
        new Random(1).nextBytes(content);
        Arrays.fill(content, 1 << 20, 20 << 20, (byte) 7);
        Files.write(root.resolve("big"), content);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        BundleBody body =
                new BundleBody(
                        new BundleSource(
                                root,
                                TarOwner.of(root),
                                Keyring.NONE,
                                1,
                                new CompressorThreads(2),
                                false,
                                Optional.empty(),
                                bytes -> {}),
                        List.of(),
                        List.of(new DataFile("big", content.length)));

        body.writeTo(stored);

        ManifestEntry entry = body.content().entries().getFirst();
        int at = (int) entry.offset();
        assertThat(
                        Arrays.equals(
                                plain(stored), at, at + content.length, content, 0, content.length))
                .isTrue();
        assertThat(body.content().sha256()).isEqualTo(Sha256.hex(stored.toByteArray()));
    }

    @Test
    void a_file_that_vanished_is_left_out() throws IOException {
        Files.writeString(root.resolve("one"), "first");
        BundleBody body = body(bytes -> {}, "gone", "one");

        body.writeTo(new ByteArrayOutputStream());

        assertThat(body.content().entries()).extracting("path").containsExactly("one");
    }

    @Test
    void a_file_that_shrinks_is_filled_up_and_one_that_grows_is_cut() throws IOException {
        Path shrinking = Files.write(root.resolve("shrinking"), new byte[2 * BUFFER]);
        Path growing = Files.write(root.resolve("growing"), new byte[2 * BUFFER]);
        AtomicInteger reads = new AtomicInteger();
        BundleBody body =
                body(
                        bytes -> {
                            switch (reads.incrementAndGet()) {
                                case 1 ->
                                        change(() -> Files.write(shrinking, new byte[BUFFER + 10]));
                                case 3 -> change(() -> append(growing));
                                default -> {}
                            }
                        },
                        "shrinking",
                        "growing");
        ByteArrayOutputStream stored = new ByteArrayOutputStream();

        body.writeTo(stored);

        CRC32C zeros = new CRC32C();
        zeros.update(new byte[2 * BUFFER]);
        ManifestEntry entry = body.content().entries().getFirst();
        assertThat(entry.size()).isEqualTo(2 * BUFFER);
        assertThat(entry.crc32c()).isEqualTo("%08x".formatted((int) zeros.getValue()));
        assertThat(body.content().entries().getLast().size()).isEqualTo(2 * BUFFER);
    }

    private interface Change {
        Path make() throws IOException;
    }

    private static Path append(Path growing) throws IOException {
        return Files.write(growing, new byte[100], StandardOpenOption.APPEND);
    }

    private static void change(Change change) {
        try {
            assertThat(change.make()).exists();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] plain(ByteArrayOutputStream stored) throws IOException {
        return new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(stored.toByteArray()))
                .readAllBytes();
    }

    private BundleBody body(BundleSource.BytesRead read, String... paths) throws IOException {
        return new BundleBody(
                new BundleSource(
                        root,
                        TarOwner.of(root),
                        Keyring.NONE,
                        1,
                        new CompressorThreads(2),
                        false,
                        Optional.empty(),
                        read),
                List.of(),
                Arrays.stream(paths).map(path -> new DataFile(path, 0)).toList());
    }
}
