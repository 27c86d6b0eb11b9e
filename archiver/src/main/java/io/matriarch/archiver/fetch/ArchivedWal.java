package io.matriarch.archiver.fetch;

import com.github.luben.zstd.ZstdIOException;
import io.matriarch.archiver.claim.Claims;
import io.matriarch.archiver.codec.CodecException;
import io.matriarch.archiver.encryption.AlteredException;
import io.matriarch.archiver.encryption.LockedException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.repository.WalContent;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.host.DiskTrouble;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.Ownership;
import io.matriarch.postgres.wal.SegmentHeader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The archived log of one cluster. A file fetched from it appears under its name only when it is
 * whole: unpacked (the frame's checksum and the content's digest compared), of the right size, its
 * header that of the segment asked for, and on disk. May be used by several threads.
 */
public final class ArchivedWal {

    private static final int STEP = 256 << 10;

    private static final Pattern PART = Pattern.compile("\\.(.+)\\.[0-9a-f-]{36}\\.part");

    private static final Set<StandardOpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /**
     * It holds the content of tables; PostgreSQL may be another user, to whom the folder belongs.
     */
    private static final FileAttribute<?> RIGHTS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private final WalObjects objects;
    private final SystemIdentifier system;
    private final WalSegmentSize segmentSize;

    public ArchivedWal(ObjectStore store, RepositoryLayout layout, WalSegmentSize segmentSize) {
        this(new RepositoryWal(store, layout), layout.systemIdentifier(), segmentSize);
    }

    /** The log of a system, wherever it lies. */
    public ArchivedWal(WalObjects objects, SystemIdentifier system, WalSegmentSize segmentSize) {
        this.objects = objects;
        this.system = system;
        this.segmentSize = segmentSize;
    }

    public WalSegmentSize segmentSize() {
        return segmentSize;
    }

    /**
     * Looks whether it is the cluster's own.
     *
     * @param owner the cluster's name for itself
     * @return why it cannot be told
     * @throws RepositoryException if it is another's
     */
    Optional<String> checkOwner(String owner) {
        return objects instanceof RepositoryWal(ObjectStore store, RepositoryLayout layout)
                ? Claims.checkOwner(store, layout, owner)
                : Optional.empty();
    }

    /** How the object that holds a file is called. */
    public String key(WalName name) {
        return objects.key(name);
    }

    /**
     * Puts an archived file into {@code target}, replacing what is there.
     *
     * @throws StoreException if the store gives no clean answer
     * @throws FetchException if what it gives is damaged, or cannot be written
     */
    public FetchOutcome fetch(WalName name, Path target) {
        Optional<WalObjects.Stored> object = objects.open(name);
        if (object.isEmpty()) {
            return new FetchOutcome.Absent();
        }
        String key = object.get().key();
        Path part = target.resolveSibling("." + name.text() + "." + UUID.randomUUID() + ".part");
        MessageDigest digest = WalContent.digest();
        try (WalObjects.Stored stored = object.get();
                InputStream unpacked = new DigestInputStream(plain(stored), digest)) {
            WalContent found = WalContent.of(copy(unpacked, key, part), digest);
            compare(name, stored.described(), found);
            check(name, part);
            sync(part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncName(target);
            return new FetchOutcome.Fetched(found.size());
        } catch (IOException e) {
            throw failed(name, target, e);
        } finally {
            DurableFiles.discard(part);
        }
    }

    /** Whether a file is one that a fetch has not brought to its end, going by its name. */
    public static boolean isPart(Path file) {
        Matcher part = PART.matcher(file.getFileName().toString());
        return part.matches() && WalName.tryParse(part.group(1)).isPresent();
    }

    /**
     * The same of a segment, into memory and nowhere else; empty if it is absent. Takes as much
     * memory as the segment is long.
     *
     * @throws StoreException if the store gives no clean answer
     * @throws FetchException if what it gives is damaged
     */
    public Optional<byte[]> read(WalSegment segment) {
        return beginning(WalName.Segment.of(segment), Math.toIntExact(segmentSize.bytes()));
    }

    /**
     * Reads an archived file to its end, proves it as a fetch does, and keeps nothing.
     *
     * @return whether it is there
     * @throws StoreException if the store gives no clean answer
     * @throws FetchException if what it gives is damaged
     */
    public boolean prove(WalName name) {
        return beginning(name, SegmentHeader.BYTES).isPresent();
    }

    /** The first bytes of a file that was read to its end, and proven; empty if it is absent. */
    private Optional<byte[]> beginning(WalName name, int length) {
        Optional<WalObjects.Stored> object = objects.open(name);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        String key = object.get().key();
        byte[] bytes = new byte[length];
        MessageDigest digest = WalContent.digest();
        try (WalObjects.Stored stored = object.get();
                InputStream unpacked = new DigestInputStream(plain(stored), digest)) {
            long size = read(unpacked, key, bytes) + rest(unpacked, key);
            compare(name, stored.described(), WalContent.of(size, digest));
            check(name, size, bytes);
            return Optional.of(bytes);
        } catch (IOException e) {
            IOException ofTheFrame = ofTheStore(key, e);
            throw damaged(name.text(), String.valueOf(ofTheFrame.getMessage()), ofTheFrame);
        }
    }

    /** How much there is still. */
    private static long rest(InputStream from, String key) throws IOException {
        byte[] step = new byte[STEP];
        long size = 0;
        for (int got = read(from, key, step); got > 0; got = read(from, key, step)) {
            size += got;
        }
        return size;
    }

    /**
     * Whether a listing shows a file. One that was not found when it was asked for, and is listed,
     * is not absent.
     */
    public boolean isListed(WalName name) {
        return objects.isListed(name);
    }

    /** In a copy of the repository the metadata may be lost: then there is nothing to compare. */
    private static void compare(WalName name, Optional<WalContent> described, WalContent found) {
        if (described.isPresent() && !described.get().equals(found)) {
            throw damaged(
                    name.text(),
                    "sha256 "
                            + found.sha256()
                            + " of "
                            + found.size()
                            + " bytes (expected: "
                            + described.get().sha256()
                            + " of "
                            + described.get().size()
                            + ")",
                    null);
        }
    }

    /** In steps that make the calls into native code and into the kernel few. */
    private static long copy(InputStream from, String key, Path to) throws IOException {
        byte[] step = new byte[STEP];
        long size = 0;
        try (OutputStream out = Channels.newOutputStream(FileChannel.open(to, NEW, RIGHTS))) {
            Ownership.asOfItsFolder(to);
            for (int got = read(from, key, step); got > 0; got = read(from, key, step)) {
                out.write(step, 0, got);
                size += got;
            }
        }
        return size;
    }

    private static InputStream plain(WalObjects.Stored object) throws IOException {
        try {
            return object.plain();
        } catch (LockedException e) {
            Optional<String> keys = object.encryptedFor();
            String name = nameOf(object.key());
            throw e.isContradicted(keys)
                    ? damaged(name, "its encryption's header was changed", e)
                    : FetchException.locked("archived file: " + name + " " + e.reason(keys), e);
        } catch (IOException e) {
            throw ofTheStore(object.key(), e);
        }
    }

    private static int read(InputStream from, String key, byte[] step) throws IOException {
        try {
            return from.readNBytes(step, 0, step.length);
        } catch (IOException e) {
            throw ofTheStore(key, e);
        }
    }

    /** Whether the bytes have come, and are not what they should be. */
    private static boolean isOfTheContent(IOException e) {
        return e instanceof ZstdIOException
                || e instanceof CodecException
                || e instanceof AlteredException;
    }

    private static String nameOf(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** Tells trouble where the bytes come from, from trouble where they go. */
    private static IOException ofTheStore(String key, IOException e) {
        if (isOfTheContent(e)) {
            return e;
        }
        if (e.getCause() instanceof StoreException trouble) {
            throw trouble;
        }
        throw new StoreException(
                "cannot read object " + key + ": " + e.getMessage(),
                "look at the store, or the disk that the repository lies on",
                true,
                e);
    }

    private void check(WalName name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            check(name, Files.size(file), in.readNBytes(SegmentHeader.BYTES));
        }
    }

    /**
     * @param beginning at least the header of a segment, if there is so much
     */
    private void check(WalName name, long size, byte[] beginning) {
        switch (name) {
            case WalName.Segment(var _, String text) -> checkSegment(text, size, beginning);
            case WalName.Partial partial -> checkSegment(partial.segmentName(), size, beginning);
            case WalName.History _, WalName.BackupLabel _ -> {}
        }
    }

    private void checkSegment(String name, long size, byte[] beginning) {
        WalSegment segment = WalSegment.parse(name, segmentSize);
        if (size != segmentSize.bytes()) {
            throw damaged(name, "size " + size + " (expected: " + segmentSize.bytes() + ")", null);
        }
        Optional<SegmentHeader> header = SegmentHeader.read(ByteBuffer.wrap(beginning));
        if (header.isEmpty()) {
            throw damaged(name, "header unreadable (expected: a WAL page)", null);
        }
        Optional<String> mismatch = header.get().mismatch(segment, system);
        if (mismatch.isPresent()) {
            throw damaged(name, mismatch.get(), null);
        }
    }

    private static RuntimeException failed(WalName name, Path target, IOException e) {
        if (isOfTheContent(e)) {
            return damaged(name.text(), String.valueOf(e.getMessage()), e);
        }
        return FetchException.ofThisHost(
                "cannot write " + target + ": " + DiskTrouble.reason(e),
                "check that there is room and that the directory is writable",
                e);
    }

    private static FetchException damaged(String name, String what, @Nullable Throwable cause) {
        return FetchException.ofTheArchive(
                "archived file: " + name + " is damaged: " + what,
                "the store has lost or changed bytes; restore to before this file, or from another"
                        + " copy of the repository",
                cause);
    }

    private static void sync(Path part) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
