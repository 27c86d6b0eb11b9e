package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.fetch.ArchivedWal;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoredObject;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two writers of the same log agree, although neither may be able to read what the other wrote. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EncryptedUploadTest {

    private static final WriterEpoch EPOCH = new WriterEpoch(1);
    private static final WalSegment SEGMENT = new WalSegment(TimelineId.FIRST, 1, FakeWal.SIZE);
    private static final WalName NAME = new WalName.Segment(TimelineId.FIRST, SEGMENT.name());

    /** More than a segment of 1 MB needs. */
    private static final int ROOM = 40;

    /** Too few: the segment is encrypted as it is sent. */
    private static final int NO_ROOM = 1;

    private final TestKey key = TestKey.create();

    @TempDir private Path directory;
    private FakeWal wal;
    private Path place;
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // opened before each test
    EncryptedUploadTest() {}

    @BeforeEach
    void a_segment() throws IOException {
        wal = new FakeWal(directory.resolve("data"));
        wal.writeSegment(SEGMENT.name(), 1);
        place = Files.createDirectory(directory.resolve("store"));
        store = PushProcess.open(place);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private UploadOutcome upload(Keyring keyring, int chunks) throws Exception {
        PushSettings settings =
                PushSettings.of(
                        PushProcess.LAYOUT,
                        FakeWal.SIZE,
                        "node1",
                        wal.data(),
                        directory.resolve("spool"));
        try (WalUpload upload =
                new WalUpload(
                        settings,
                        new DelegatingStore.Keyed(store, keyring),
                        () -> Optional.of(EPOCH),
                        new ChunkPool(chunks))) {
            return upload.upload(NAME, EPOCH);
        }
    }

    private StoredObject stored() {
        return store.head(PushProcess.LAYOUT.wal(NAME)).orElseThrow();
    }

    private Path object() {
        return place.resolve(PushProcess.LAYOUT.wal(NAME));
    }

    private static UploadOutcome archived() {
        return new UploadOutcome.Archived(FakeWal.SIZE.bytes());
    }

    @ParameterizedTest(name = "{0} chunks")
    @ValueSource(ints = {ROOM, 9, NO_ROOM})
    void a_segment_comes_back_as_it_was(int chunks) throws Exception {
        assertThat(upload(TestKey.writingFor(key), chunks)).isEqualTo(archived());

        Path copy = directory.resolve("copy");
        new ArchivedWal(
                        new DelegatingStore.Keyed(store, TestKey.readingWith(key)),
                        PushProcess.LAYOUT,
                        FakeWal.SIZE)
                .fetch(NAME, copy);
        assertThat(copy)
                .hasSameBinaryContentAs(wal.data().resolve("pg_wal").resolve(SEGMENT.name()));
        assertThat(stored().encryptedFor()).contains(key.fingerprint());
        assertThat(WalContent.of(stored()).orElseThrow().size()).isEqualTo(FakeWal.SIZE.bytes());
    }

    @ParameterizedTest(name = "{0} chunks")
    @ValueSource(ints = {ROOM, NO_ROOM})
    void the_same_segment_again_is_success_for_who_can_read_and_who_cannot(int chunks)
            throws Exception {
        assertThat(upload(TestKey.writingFor(key), chunks)).isEqualTo(archived());

        for (Keyring other :
                List.of(
                        key.both(),
                        TestKey.writingFor(key),
                        TestKey.create().both(),
                        Keyring.NONE)) {
            assertThat(upload(other, chunks)).isEqualTo(archived());
        }
    }

    @Test
    void another_segment_is_a_conflict_for_who_cannot_read_too() throws Exception {
        assertThat(upload(TestKey.writingFor(key), ROOM)).isEqualTo(archived());
        wal.writeSegment(SEGMENT.name(), 2);

        assertThat(upload(TestKey.writingFor(key), ROOM))
                .isInstanceOf(UploadOutcome.Conflicting.class);
    }

    @Test
    void a_damaged_one_is_found_by_who_can_read_and_who_cannot() throws Exception {
        assertThat(upload(TestKey.writingFor(key), ROOM)).isEqualTo(archived());
        byte[] bad = Files.readAllBytes(object());
        bad[bad.length / 2] ^= 1;
        Files.write(object(), bad);

        assertThat(upload(key.both(), ROOM))
                .isInstanceOf(UploadOutcome.Damaged.class)
                .asString()
                .contains("changed or cut off");
        assertThat(upload(TestKey.writingFor(key), ROOM))
                .isInstanceOf(UploadOutcome.Damaged.class)
                .asString()
                .contains("of the stored bytes");
    }

    @Test
    void one_that_has_lost_its_metadata_can_only_be_compared_with_the_key() throws Exception {
        assertThat(upload(TestKey.writingFor(key), ROOM)).isEqualTo(archived());
        byte[] content = Files.readAllBytes(object());
        String name = PushProcess.LAYOUT.wal(NAME);
        store.delete(List.of(name));
        store.putIfAbsent(name, Body.of(content), Metadata.NONE);

        assertThat(upload(key.both(), ROOM)).isEqualTo(archived());
        assertThat(upload(TestKey.writingFor(key), ROOM))
                .isInstanceOf(UploadOutcome.Conflicting.class)
                .asString()
                .contains("this host has no identity", "its metadata is lost");
    }

    @Test
    void without_recipients_nothing_is_told_of_keys() throws Exception {
        assertThat(upload(TestKey.readingWith(key), ROOM)).isEqualTo(archived());

        assertThat(stored().encryptedFor()).isEmpty();
        assertThat(WalContent.storedSha256(stored())).isEmpty();
    }
}
