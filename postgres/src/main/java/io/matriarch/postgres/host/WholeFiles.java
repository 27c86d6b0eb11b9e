package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that change in one step: a reader sees the old content or the new, also if the writer is
 * killed. The new one is written beside the file and then takes its name. A file has one writer at
 * a time.
 */
public final class WholeFiles {

    /** Base backups leave out what is named like this. */
    private static final String BEGINNING = ".matriarch-";

    private static final String END = ".tmp";

    private WholeFiles() {}

    /**
     * Replaces a file that need not outlive a crash of the machine, after which its content is not
     * to be relied on.
     */
    public static void replace(Path file, String text) throws IOException {
        replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #replace(Path, String)}. */
    public static void replace(Path file, byte[] content) throws IOException {
        Path fresh = beside(file);
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Replaces a file; when this returns, the new content outlives a crash of the machine. */
    public static void replaceDurably(Path file, String text) throws IOException {
        Path fresh = beside(file);
        Files.deleteIfExists(fresh);
        writeDurably(fresh, text);
        take(fresh, file);
    }

    /** As {@link #replaceDurably(Path, String)}; at no moment does anybody have other rights. */
    public static void replaceDurably(Path file, String text, Set<PosixFilePermission> rights)
            throws IOException {
        Path fresh = beside(file);
        Files.deleteIfExists(fresh);
        writeDurably(fresh, text, PosixFilePermissions.asFileAttribute(rights));
        // What the process's umask took away is given back.
        Files.setPosixFilePermissions(fresh, rights);
        take(fresh, file);
    }

    /** Replaces the content of a file that is there, durably; its owner and rights stay. */
    public static void rewriteDurably(Path file, byte[] content) throws IOException {
        PosixFileAttributes before = Files.readAttributes(file, PosixFileAttributes.class);
        Path fresh = beside(file);
        Files.deleteIfExists(fresh);
        writeDurably(
                fresh,
                ByteBuffer.wrap(content),
                PosixFilePermissions.asFileAttribute(before.permissions()));
        Files.setPosixFilePermissions(fresh, before.permissions());
        PosixFileAttributes now = Files.readAttributes(fresh, PosixFileAttributes.class);
        PosixFileAttributeView view =
                Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        if (!now.owner().equals(before.owner())) {
            view.setOwner(before.owner());
        }
        if (!now.group().equals(before.group())) {
            view.setGroup(before.group());
        }
        take(fresh, file);
    }

    /** The name that a file bears, or is to bear once it is whole. */
    public static String finalName(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(BEGINNING) && name.endsWith(END)
                ? name.substring(BEGINNING.length(), name.length() - END.length())
                : name;
    }

    private static Path beside(Path file) {
        return file.resolveSibling(BEGINNING + file.getFileName() + END);
    }

    private static void writeDurably(Path fresh, String text, FileAttribute<?>... attributes)
            throws IOException {
        writeDurably(fresh, StandardCharsets.UTF_8.encode(text), attributes);
    }

    private static void writeDurably(Path fresh, ByteBuffer bytes, FileAttribute<?>... attributes)
            throws IOException {
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(fresh, options, attributes)) {
            while (bytes.hasRemaining()) {
                int _ = channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void take(Path fresh, Path file) throws IOException {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncName(file.toAbsolutePath());
    }
}
