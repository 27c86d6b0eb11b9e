package io.matriarch.archiver.push;

import com.github.luben.zstd.ZstdIOException;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.encryption.AlteredException;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.PutOutcome;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoredContent;
import io.matriarch.archiver.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Brings one file of the log into the store, or finds it there. May be called by any number of
 * threads; as many as there are lanes work at once, in memory whose bound does not depend on them:
 * that of the {@link ChunkPool}, a {@link SegmentBuffer} for each compressing thread, and what the
 * store needs for one upload in parts.
 *
 * <p>An object that is there already counts as success only if its content is the same, whoever
 * wrote it: also a put of ours whose answer was lost looks like that.
 */
final class WalUpload implements AutoCloseable {

    private static final int SPARE_CHUNKS = 4;

    private final PushSettings settings;
    private final ObjectStore store;
    private final Supplier<Optional<WriterEpoch>> permission;
    private final EpochMarks epochs;
    private final WalReader reader;
    private final Semaphore lanes;
    private final ChunkPool pool;
    private final int segmentChunks;
    private volatile int expectedChunks = ChunkPool.CHUNKS / 4;
    private volatile boolean isClosed;
    private final Queue<SegmentBuffer> idle = new ConcurrentLinkedQueue<>();

    /** Reading, digesting and compressing: native code would pin a virtual thread's carrier. */
    private final ExecutorService processors;

    /** One at a time, since each needs the store's memory for a part. */
    private final ExecutorService streaming =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("wal-streaming").daemon().factory());

    WalUpload(
            PushSettings settings, ObjectStore store, Supplier<Optional<WriterEpoch>> permission) {
        this(settings, store, permission, new ChunkPool(ChunkPool.CHUNKS));
    }

    WalUpload(
            PushSettings settings,
            ObjectStore store,
            Supplier<Optional<WriterEpoch>> permission,
            ChunkPool pool) {
        this.settings = settings;
        this.store = store;
        this.permission = permission;
        this.pool = pool;
        this.segmentChunks = ChunkPool.chunksOf(settings.segmentSize().bytes());
        this.epochs = new EpochMarks(store, settings.layout(), settings.writer());
        this.reader = new WalReader(settings, store.keyring());
        this.lanes = new Semaphore(settings.lanes());
        this.processors =
                Executors.newFixedThreadPool(
                        Math.min(settings.lanes(), Runtime.getRuntime().availableProcessors()),
                        Thread.ofPlatform().name("wal-compression-", 0).daemon().factory());
    }

    UploadOutcome upload(WalName name, WriterEpoch epoch) throws InterruptedException {
        lanes.acquire();
        try {
            Optional<UploadOutcome> outcome = attempt(name, epoch, expected(name));
            return outcome.isPresent()
                    ? outcome.get()
                    : attempt(name, epoch, segmentChunks).orElseThrow();
        } catch (NoSuchFileException e) {
            return new UploadOutcome.Vanished();
        } catch (WalReader.UnfitException e) {
            return new UploadOutcome.Unfit(e.reason());
        } catch (StoreException e) {
            return new UploadOutcome.Troubled(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lanes.release();
        }
    }

    /** How much room to begin with: segments in a row compress alike. */
    private int expected(WalName name) {
        return switch (name) {
            case WalName.Segment _, WalName.Partial _ -> Math.min(expectedChunks, segmentChunks);
            case WalName.History _, WalName.BackupLabel _ -> 0;
        };
    }

    /**
     * The epoch whose mark forbids pushing under this one; empty if there is none.
     *
     * @throws StoreException if the store does not answer
     */
    Optional<WriterEpoch> laterThan(WriterEpoch epoch) {
        return epochs.laterThan(epoch);
    }

    /**
     * @return empty if it compresses worse than those before it: to be tried again with all the
     *     room that it may need
     */
    private Optional<UploadOutcome> attempt(WalName name, WriterEpoch epoch, int chunks)
            throws IOException, WalReader.UnfitException, InterruptedException {
        try (PackedSegment packed = pool.reserve(chunks)) {
            Future<WalReader.Prepared> preparation = processors.submit(() -> prepare(name, packed));
            Optional<WriterEpoch> later;
            try {
                later = epochs.laterThan(epoch);
            } catch (RuntimeException e) {
                result(preparation);
                throw e;
            }
            WalReader.Prepared prepared = result(preparation);
            if (later.isPresent()) {
                return Optional.of(new UploadOutcome.Outdated(epoch, later.get()));
            }
            boolean isRoomElsewhen = chunks < segmentChunks && pool.canHold(segmentChunks);
            if (prepared.body() instanceof StreamedSegment && isRoomElsewhen) {
                return Optional.empty();
            }
            // As late as can be: a permission may end while a file waits for its turn.
            return Optional.of(
                    permission.get().equals(Optional.of(epoch))
                            ? send(name, epoch, prepared)
                            : new UploadOutcome.Forbidden());
        }
    }

    private UploadOutcome send(WalName name, WriterEpoch epoch, WalReader.Prepared prepared)
            throws IOException, WalReader.UnfitException {
        boolean isStreamed = prepared.body() instanceof StreamedSegment;
        PutOutcome outcome =
                isStreamed
                        ? result(streaming.submit(() -> put(name, prepared, epoch)))
                        : put(name, prepared, epoch);
        return switch (outcome) {
            case PutOutcome.Stored() -> new UploadOutcome.Archived(prepared.content().size());
            case PutOutcome.AlreadyThere(StoredObject existing) ->
                    compare(existing, prepared.content());
        };
    }

    private PutOutcome put(WalName name, WalReader.Prepared prepared, WriterEpoch epoch) {
        return store.putIfAbsent(
                settings.layout().wal(name),
                prepared.body(),
                prepared.content()
                        .metadata(settings.writer(), epoch.value())
                        .and(prepared.stored()));
    }

    private WalReader.Prepared prepare(WalName name, PackedSegment packed)
            throws IOException, WalReader.UnfitException {
        SegmentBuffer free = idle.poll();
        SegmentBuffer buffer = free != null ? free : new SegmentBuffer(settings.compressionLevel());
        try {
            WalReader.Prepared prepared = reader.prepare(name, buffer, packed);
            if (packed.chunks() > 0) {
                packed.trim();
                expectedChunks = packed.chunks() + SPARE_CHUNKS;
            }
            return prepared;
        } finally {
            idle.add(buffer);
            if (isClosed) {
                closeIdle();
            }
        }
    }

    /**
     * Waits for the end also when interrupted: until then the work may use the lane's memory, which
     * nobody else must be given.
     */
    private static <T> T result(Future<T> future) throws IOException, WalReader.UnfitException {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case WalReader.UnfitException unfit -> throw unfit;
                case RuntimeException known -> throw known;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * What an object says of itself is enough to differ, not to be the same: it was said before the
     * content came. Only one that has been moved to an archive since is believed unread.
     */
    private UploadOutcome compare(StoredObject existing, WalContent ours) throws IOException {
        Optional<WalContent> described = WalContent.of(existing);
        boolean isToldEnough =
                described.isPresent()
                        && (!described.get().equals(ours) || !existing.storage().isReadable());
        WalContent theirs;
        try {
            theirs = isToldEnough ? described.get() : readBack(existing.key());
        } catch (ZstdIOException | AlteredException e) {
            return damaged(existing, String.valueOf(e.getMessage()), ours);
        } catch (LockedException e) {
            return compareLocked(existing, described.isPresent(), ours, e);
        }
        if (theirs.equals(ours)) {
            return new UploadOutcome.Archived(ours.size());
        }
        if (described.equals(Optional.of(ours))) {
            return damaged(
                    existing,
                    "sha256 " + theirs.sha256() + " of " + theirs.size() + " bytes",
                    ours);
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

    /**
     * Without the identity only the bytes as they are stored can be compared, with what is told of
     * them; what is told of the content is believed.
     *
     * @param isSame whether the object says that its content is ours
     */
    private UploadOutcome compareLocked(
            StoredObject existing, boolean isSame, WalContent ours, LockedException e)
            throws IOException {
        if (!isSame) {
            return new UploadOutcome.Conflicting(
                    existing.key()
                            + " "
                            + e.reason(existing.encryptedFor())
                            + "; its metadata is lost, so that nobody here can tell whether it is"
                            + " the same (expected: "
                            + ours
                            + ")");
        }
        Optional<String> told = WalContent.storedSha256(existing);
        if (told.isEmpty()) {
            return new UploadOutcome.Archived(ours.size());
        }
        String found = Sha256.hex(stored(existing.key()));
        return found.equals(told.get())
                ? new UploadOutcome.Archived(ours.size())
                : damaged(existing, "sha256 " + found + " of the stored bytes", ours);
    }

    private InputStream stored(String key) throws IOException {
        return store.get(key).orElseThrow(() -> new NoSuchFileException(key));
    }

    private static UploadOutcome damaged(StoredObject existing, String how, WalContent ours) {
        return new UploadOutcome.Damaged(
                existing.key() + " is damaged: " + how + " (expected: " + ours + ")");
    }

    /** For objects whose description cannot be relied on, or was lost in copying a repository. */
    private WalContent readBack(String key) throws IOException {
        InputStream stored = stored(key);
        MessageDigest digest = WalContent.digest();
        long size = 0;
        try (InputStream in =
                key.endsWith(RepositoryLayout.COMPRESSED)
                        ? StoredContent.unpacked(store.keyring().decrypting(stored))
                        : stored) {
            byte[] chunk = new byte[1 << 16];
            for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
                digest.update(chunk, 0, got);
                size += got;
            }
        }
        return WalContent.of(size, digest);
    }

    @Override
    public void close() {
        isClosed = true;
        cancel(processors.shutdownNow());
        cancel(streaming.shutdownNow());
        closeIdle();
    }

    /** What is in use is closed by its user. */
    private void closeIdle() {
        for (SegmentBuffer buffer = idle.poll(); buffer != null; buffer = idle.poll()) {
            buffer.close();
        }
    }

    /** Work that was never begun has somebody waiting for it. */
    private static void cancel(List<Runnable> neverBegun) {
        neverBegun.forEach(work -> {
            if (work instanceof Future<?> future) {
                future.cancel(false);
            }
        });
    }
}
