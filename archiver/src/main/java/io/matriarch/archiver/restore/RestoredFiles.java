package io.matriarch.archiver.restore;

import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileMode;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.postgres.host.DiskTrouble;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.Ownership;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Writes below the target directory, and nowhere else: every path is checked. What it has written
 * is durable, files of the backup after {@link #settle}; links and folders when the restore is
 * sealed.
 */
public final class RestoredFiles {

    private static final int BUFFER_BYTES = 256 << 10;

    private final Path root;
    private final Ownership ownership;
    private final Settling settling = new Settling();

    /**
     * @param owner user that the files will belong to; empty for the current one
     */
    public RestoredFiles(Path root, Optional<String> owner) {
        this.root = root;
        this.ownership = ownership(owner);
    }

    private static Ownership ownership(Optional<String> owner) {
        try {
            return Ownership.of(owner);
        } catch (UserPrincipalNotFoundException e) {
            throw RestoreException.ofThisHost(
                    "owner: " + owner.orElse("") + " (expected: a user of this host)",
                    "name the user who runs PostgreSQL here",
                    e);
        } catch (IOException e) {
            throw RestoreException.ofThisHost(
                    "owner: " + owner.orElse("") + " cannot be looked up: " + e.getMessage(),
                    "check the host's user database",
                    e);
        }
    }

    /** The target directory itself. */
    void root(String mode) throws IOException {
        createFolder(root, mode);
    }

    /** The place of a path out of a manifest, which may have been tampered with. */
    public Path place(String path) {
        boolean isClean =
                !path.isEmpty()
                        && path.indexOf('\0') < 0
                        && Arrays.stream(path.split("/", -1))
                                .noneMatch(part ->
                                        part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!isClean) {
            throw new RestoreException(
                    "path in the backup: " + path + " (expected: below the data directory)",
                    "this backup was tampered with; do not use it");
        }
        return root.resolve(path);
    }

    public void folder(DataFolder folder) throws IOException {
        createFolder(place(folder.path()), folder.mode());
    }

    private void createFolder(Path place, String mode) throws IOException {
        if (!Files.isDirectory(place)) {
            Files.createDirectory(place);
        }
        Files.setPosixFilePermissions(place, FileMode.permissions(mode));
        ownership.give(place);
    }

    /** A link, and the directory that it leads to, whose parents are made too. */
    void link(String path, Path to) throws IOException {
        createParents(to);
        createFolder(to, "0700");
        Path place = place(path);
        if (!Files.isSymbolicLink(place)) {
            Files.createSymbolicLink(place, to);
            ownership.give(place);
        }
    }

    /** The server must be able to pass through them, whatever this process's umask is. */
    private void createParents(Path place) throws IOException {
        Path parent = place.getParent();
        if (parent == null || Files.isDirectory(parent)) {
            return;
        }
        createParents(parent);
        createFolder(parent, "0755");
        DurableFiles.syncName(parent);
    }

    /** Sets owner and mode of what somebody else has put here. */
    void own(Path place, String mode) throws IOException {
        Files.setPosixFilePermissions(place, FileMode.permissions(mode));
        ownership.give(place);
    }

    /** A file of our own making. Replaces one that is there. */
    void write(String path, byte[] content, String mode) throws IOException {
        write(path, out -> out.write(content), mode);
    }

    /** What a file of our own making holds. */
    @FunctionalInterface
    interface Text {
        void writeTo(OutputStream out) throws IOException;
    }

    /** The same for what is better not held in memory. */
    void write(String path, Text text, String mode) throws IOException {
        Path place = place(path);
        Path beside = beside(place);
        try (FileChannel channel = create(beside)) {
            text.writeTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
        Files.setPosixFilePermissions(beside, FileMode.permissions(mode));
        ownership.give(beside);
        Files.move(
                beside, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFiles.syncName(place);
    }

    /** What is to become a file of our own making, until it is whole. */
    static Path beside(Path place) {
        return place.resolveSibling(".matriarch-" + place.getFileName() + ".tmp");
    }

    public void write(String path, String content, String mode) throws IOException {
        write(path, content.getBytes(StandardCharsets.UTF_8), mode);
    }

    /**
     * A file of the backup.
     *
     * @param content exactly the file's bytes
     * @return the checksum of what was written
     * @throws IOException if {@code content} cannot be read
     */
    public String write(ManifestEntry entry, InputStream content) throws IOException {
        Path place = place(entry.path());
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[Math.clamp(entry.size(), 1, BUFFER_BYTES)];
        try (NewFile file = NewFile.create(place, entry.size())) {
            long rest = entry.size();
            while (rest > 0) {
                int length = content.readNBytes(buffer, 0, (int) Math.min(rest, buffer.length));
                if (length == 0) {
                    throw new IOException("ends within " + entry.path());
                }
                crc.update(buffer, 0, length);
                file.append(buffer, length);
                rest -= length;
            }
            settle(place, entry, file.end());
        }
        return ManifestEntry.text(crc);
    }

    /** Changes a file. */
    @FunctionalInterface
    public interface Amendment {

        /**
         * @throws UncheckedIOException if it cannot be written
         * @throws IOException if what is to be written cannot be read
         */
        void make(FileChannel file) throws IOException;
    }

    /**
     * Changes a file of the backup that is there, and gives it what an entry tells.
     *
     * @throws IOException if what is to be written cannot be read
     */
    public void amend(ManifestEntry entry, Amendment amendment) throws IOException {
        Path place = place(entry.path());
        FileChannel channel;
        try {
            channel = FileChannel.open(place, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw trouble(place, e);
        }
        try {
            amendment.make(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        settle(place, entry, channel);
    }

    /**
     * Keeps a file that has the right content already, going by all of its bytes and never by its
     * date.
     *
     * @return whether it is there; if so, it is the owner's, and durable after {@link #settle}
     */
    boolean keep(ManifestEntry entry) {
        Path place = place(entry.path());
        try {
            if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                    || Files.size(place) != entry.size()) {
                return false;
            }
            FileChannel channel = FileChannel.open(place, StandardOpenOption.READ);
            if (!checksum(channel).equals(entry.crc32c())) {
                channel.close();
                return false;
            }
            settle(place, entry, channel);
            return true;
        } catch (IOException e) {
            throw trouble(place, e);
        }
    }

    private static String checksum(FileChannel channel) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (channel.read(buffer.clear()) >= 0) {
            crc.update(buffer.flip());
        }
        return ManifestEntry.text(crc);
    }

    private static FileChannel create(Path place) throws IOException {
        return FileChannel.open(
                place,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
    }

    /** Owner, mode and date come first, so that they are durable with the rest. */
    private void settle(Path place, ManifestEntry entry, FileChannel channel) {
        try {
            Files.setPosixFilePermissions(place, FileMode.permissions(entry.mode()));
            ownership.give(place);
            Files.setLastModifiedTime(place, FileTime.from(entry.modified()));
        } catch (IOException e) {
            settling.giveUp(place, channel);
            throw trouble(place, e);
        }
        settling.add(place, channel);
    }

    /** Makes all files of the backup durable. */
    void settle() throws InterruptedException {
        settling.await();
    }

    /** To be called before the process ends, however the restore has. */
    void drain() {
        settling.drain();
    }

    /**
     * Trouble of this host's disk; never an {@link IOException}, which means the object's bytes.
     */
    public static UncheckedIOException trouble(Path place, IOException cause) {
        return new UncheckedIOException(
                "cannot write " + place + ": " + DiskTrouble.reason(cause), cause);
    }
}
