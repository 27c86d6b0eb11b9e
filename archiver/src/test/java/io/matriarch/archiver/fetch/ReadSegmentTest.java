package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.matriarch.archiver.push.FakeWal;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A segment in memory is proven as one in a file is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReadSegmentTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);
    private static final WalSegment SEGMENT = FakeWal.segment("000000010000000000000001");

    private final byte[] content = FakeWal.content(SEGMENT, FakeWal.SYSTEM, 1);

    @TempDir Path repository;
    private ObjectStore store;

    @BeforeEach
    void a_store() {
        store = ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(repository)));
    }

    @Test
    void a_whole_one_comes_to_the_last_byte() {
        put(Zstd.compress(content), described(content));

        assertThat(archive().read(SEGMENT)).hasValue(content);
    }

    /** As a server's own archive_command may have stored it. */
    @Test
    void one_that_nobody_has_described_or_compressed_comes_too() {
        put(content, Metadata.NONE);

        assertThat(archive().read(SEGMENT)).hasValue(content);
    }

    @Test
    void one_that_is_not_there_is_absent() {
        assertThat(archive().read(SEGMENT)).isEmpty();
    }

    @Test
    void a_wrong_bit_is_damage() {
        byte[] wrong = content.clone();
        wrong[5000] ^= 4;
        put(Zstd.compress(wrong), described(content));

        assertDamaged("sha256");
    }

    @Test
    void a_frame_that_breaks_off_is_damage() {
        byte[] packed = Zstd.compress(content);
        put(Arrays.copyOf(packed, packed.length - 100), described(content));

        assertDamaged("is damaged: cannot be unpacked: Truncated source");
    }

    /** The library's own words of it are about its buffers. */
    @Test
    void a_frame_with_wrong_bits_is_damage() {
        byte[] packed = Zstd.compress(content);
        Arrays.fill(packed, 8, 40, (byte) 0xFF);
        put(packed, described(content));

        assertDamaged("is damaged: cannot be unpacked: Frame requires too much memory");
    }

    @Test
    void one_that_is_too_short_or_too_long_is_damage() {
        put(Arrays.copyOf(content, 100), Metadata.NONE);
        assertDamaged("size 100 (expected: 1048576)");

        store.delete(List.of(key()));
        put(Arrays.copyOf(content, content.length + 700_000), Metadata.NONE);
        assertDamaged("size 1748576 (expected: 1048576)");
    }

    @Test
    void one_of_another_cluster_is_damage() {
        byte[] foreign = FakeWal.content(SEGMENT, new SystemIdentifier(8), 1);
        put(Zstd.compress(foreign), described(foreign));

        assertDamaged("system identifier");
    }

    private void assertDamaged(String how) {
        assertThatThrownBy(() -> archive().read(SEGMENT))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining(SEGMENT.name() + " is damaged")
                .hasMessageContaining(how);
    }

    private ArchivedWal archive() {
        return new ArchivedWal(store, LAYOUT, FakeWal.SIZE);
    }

    private static String key() {
        return LAYOUT.wal(new WalName.Segment(SEGMENT.timeline(), SEGMENT.name()));
    }

    private void put(byte[] bytes, Metadata metadata) {
        assertThat(store.putIfAbsent(key(), Body.of(bytes), metadata))
                .isInstanceOf(PutOutcome.Stored.class);
    }

    private static Metadata described(byte[] content) {
        MessageDigest digest = WalContent.digest();
        digest.update(content);
        return WalContent.of(content.length, digest).metadata("node1", 7);
    }
}
