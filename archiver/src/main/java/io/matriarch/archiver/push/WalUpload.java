package io.matriarch.archiver.push;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Brings one file of the log into the store, or finds it there. May be called by any number of
 * threads; as many as there are lanes work at once, and memory is that of their buffers.
 *
 * <p>An object that is there already counts as success only if its content is the same, whoever
 * wrote it: also a put of ours whose answer was lost looks like that.
 */
final class WalUpload implements AutoCloseable {

    private final PushSettings settings;
    private final ObjectStore store;
    private final Supplier<Optional<WriterEpoch>> permission;
    private final WalReader reader;
    private final Semaphore lanes;
    private final Queue<SegmentBuffer> idle = new ConcurrentLinkedQueue<>();

    /** Reading, digesting and compressing: native code would pin a virtual thread's carrier. */
    private final ExecutorService processors =
            Executors.newFixedThreadPool(
                    Runtime.getRuntime().availableProcessors(),
                    Thread.ofPlatform().name("wal-compression-", 0).daemon().factory());

    WalUpload(
            PushSettings settings, ObjectStore store, Supplier<Optional<WriterEpoch>> permission) {
        this.settings = settings;
        this.store = store;
        this.permission = permission;
        this.reader = new WalReader(settings);
        this.lanes = new Semaphore(settings.lanes());
    }

    UploadOutcome upload(WalName name, WriterEpoch epoch) throws InterruptedException {
        lanes.acquire();
        Optional<SegmentBuffer> buffer = Optional.empty();
        try {
            buffer = reader.needsBuffer(name) ? Optional.of(takeBuffer()) : Optional.empty();
            return upload(name, epoch, buffer);
        } catch (NoSuchFileException e) {
            return new UploadOutcome.Vanished();
        } catch (WalReader.UnfitException e) {
            return new UploadOutcome.Unfit(e.reason());
        } catch (StoreException e) {
            return new UploadOutcome.Troubled(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            buffer.ifPresent(idle::add);
            lanes.release();
        }
    }

    private SegmentBuffer takeBuffer() {
        SegmentBuffer free = idle.poll();
        return free != null
                ? free
                : new SegmentBuffer(
                        Math.toIntExact(settings.segmentSize().bytes()),
                        settings.compressionLevel());
    }

    private UploadOutcome upload(WalName name, WriterEpoch epoch, Optional<SegmentBuffer> buffer)
            throws IOException, WalReader.UnfitException, InterruptedException {
        WalReader.Prepared prepared = prepare(name, buffer);
        // As late as can be: a permission may end while a file waits for its turn.
        if (!permission.get().equals(Optional.of(epoch))) {
            return new UploadOutcome.Forbidden();
        }
        PutOutcome outcome =
                store.putIfAbsent(
                        settings.layout().wal(name),
                        prepared.body(),
                        prepared.content().metadata(settings.writer(), epoch));
        return switch (outcome) {
            case PutOutcome.Stored() -> new UploadOutcome.Archived(prepared.content().size());
            case PutOutcome.AlreadyThere(StoredObject existing) ->
                    compare(existing, prepared.content());
        };
    }

    private WalReader.Prepared prepare(WalName name, Optional<SegmentBuffer> buffer)
            throws IOException, WalReader.UnfitException, InterruptedException {
        try {
            return processors.submit(() -> reader.prepare(name, buffer)).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case WalReader.UnfitException unfit -> throw unfit;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private UploadOutcome compare(StoredObject existing, WalContent ours) throws IOException {
        Optional<WalContent> described = WalContent.of(existing);
        WalContent theirs = described.isPresent() ? described.get() : readBack(existing.key());
        if (theirs.equals(ours)) {
            return new UploadOutcome.Archived(ours.size());
        }
        return new UploadOutcome.Conflicting(
                existing.key()
                        + " has other content: sha256 "
                        + theirs.sha256()
                        + " of "
                        + theirs.size()
                        + " bytes, by "
                        + WalContent.writerOf(existing)
                        + " (expected: "
                        + ours.sha256()
                        + " of "
                        + ours.size()
                        + ")");
    }

    /** For objects whose metadata was lost, for example in a copy of the repository. */
    private WalContent readBack(String key) throws IOException {
        InputStream stored = store.get(key).orElseThrow(() -> new NoSuchFileException(key));
        MessageDigest digest = WalReader.sha256();
        long size = 0;
        try (InputStream in =
                key.endsWith(RepositoryLayout.COMPRESSED) ? unpacked(stored) : stored) {
            byte[] chunk = new byte[1 << 16];
            for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
                digest.update(chunk, 0, got);
                size += got;
            }
        }
        return new WalContent(size, WalReader.hex(digest));
    }

    private static InputStream unpacked(InputStream stored) throws IOException {
        return new ZstdInputStreamNoFinalizer(stored);
    }

    @Override
    public void close() {
        processors.shutdownNow();
        for (SegmentBuffer buffer = idle.poll(); buffer != null; buffer = idle.poll()) {
            buffer.close();
        }
    }
}
