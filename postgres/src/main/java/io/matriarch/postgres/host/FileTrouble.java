package io.matriarch.postgres.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Trouble with a file, in words: some of Java's exceptions name the file and nothing more. */
public final class FileTrouble {

    private FileTrouble() {}

    public static String text(IOException trouble) {
        String message = String.valueOf(trouble.getMessage());
        return switch (trouble) {
            case AccessDeniedException _ -> message + ": permission denied";
            case NoSuchFileException _ -> message + ": no such file or directory";
            case FileAlreadyExistsException _ -> message + ": is there already";
            default -> message;
        };
    }
}
