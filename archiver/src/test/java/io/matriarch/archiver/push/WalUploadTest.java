package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WalUploadTest {

    private static final WriterEpoch EPOCH = new WriterEpoch(1);

    @TempDir Path directory;

    /** A segment of 1 MB that does not compress needs 9 chunks: 1 in the pool means streaming. */
    @ParameterizedTest(name = "{0} chunks")
    @ValueSource(ints = {1, 9, 12, 40})
    void all_lanes_get_through_however_little_room_there_is(int chunks) throws Exception {
        ChunkPool pool = new ChunkPool(chunks);
        FakeWal wal = new FakeWal(directory.resolve("data"));
        Path place = Files.createDirectory(directory.resolve("store"));
        PushSettings settings =
                PushSettings.of(
                        PushProcess.LAYOUT,
                        FakeWal.SIZE,
                        "node1",
                        wal.data(),
                        directory.resolve("spool"));
        try (ObjectStore store = PushProcess.open(place);
                WalUpload upload = new WalUpload(settings, store, () -> Optional.of(EPOCH), pool)) {
            // One that compresses well, so that too little room is expected for the others.
            writeEven(wal, 1);
            assertThat(upload.upload(name(1), EPOCH)).isInstanceOf(UploadOutcome.Archived.class);
            for (int number = 2; number <= 20; number++) {
                wal.writeSegment(segment(number).name(), number);
            }

            try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<UploadOutcome>> uploads = new ArrayList<>();
                for (int number = 2; number <= 20; number++) {
                    WalName name = name(number);
                    uploads.add(lanes.submit(() -> upload.upload(name, EPOCH)));
                }
                for (Future<UploadOutcome> each : uploads) {
                    assertThat(each.get())
                            .isEqualTo(new UploadOutcome.Archived(FakeWal.SIZE.bytes()));
                }
            }
            assertThat(pool.used()).isZero();
            assertThat(store.list(settings.layout().walFolder())).hasSize(20);
        }
    }

    /** Whether there is room for it in memory, or it is sent in parts. */
    @ParameterizedTest(name = "{0} chunks")
    @ValueSource(ints = {1, 40})
    void what_is_there_already_counts_only_if_all_of_it_is(int chunks) throws Exception {
        FakeWal wal = new FakeWal(directory.resolve("data"));
        Path place = Files.createDirectory(directory.resolve("store"));
        PushSettings settings =
                PushSettings.of(
                        PushProcess.LAYOUT,
                        FakeWal.SIZE,
                        "node1",
                        wal.data(),
                        directory.resolve("spool"));
        wal.writeSegment(segment(1).name(), 1);
        byte[] content =
                Files.readAllBytes(wal.data().resolve("pg_wal").resolve(segment(1).name()));
        byte[] packed = Zstd.compress(content);
        MessageDigest digest = WalContent.digest();
        digest.update(content);
        WalContent whole = WalContent.of(content.length, digest);
        try (ObjectStore store = PushProcess.open(place);
                WalUpload upload =
                        new WalUpload(
                                settings, store, () -> Optional.of(EPOCH), new ChunkPool(chunks))) {
            // As a store leaves it that lost a part and kept what was said of the whole.
            store.putIfAbsent(
                    settings.layout().wal(name(1)),
                    Body.of(Arrays.copyOf(packed, packed.length / 2)),
                    whole.metadata("node1", EPOCH.value()));

            assertThat(upload.upload(name(1), EPOCH))
                    .isInstanceOf(UploadOutcome.Damaged.class)
                    .asString()
                    .contains(".zst is damaged: cannot be unpacked: Truncated source");
        }
    }

    private static void writeEven(FakeWal wal, long number) throws IOException {
        byte[] content = FakeWal.content(segment(number), FakeWal.SYSTEM, number);
        Arrays.fill(content, 100, content.length, (byte) 0);
        wal.write(segment(number).name(), content);
    }

    private static WalSegment segment(long number) {
        return new WalSegment(TimelineId.FIRST, number, FakeWal.SIZE);
    }

    private static WalName name(long number) {
        return new WalName.Segment(TimelineId.FIRST, segment(number).name());
    }
}
