package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Tells in words why a disk of this host does not do what it is asked to. */
public final class DiskTrouble {

    private DiskTrouble() {}

    /** The file that it is about, as far as that is known, and the reason. */
    public static String text(IOException e) {
        return e instanceof FileSystemException known && known.getFile() != null
                ? known.getFile() + ": " + reason(e)
                : reason(e);
    }

    /**
     * The reason alone, without the file: Java's own message often is the file, without a reason.
     */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            default -> Objects.requireNonNullElse(e.getMessage(), e.toString());
        };
    }
}
