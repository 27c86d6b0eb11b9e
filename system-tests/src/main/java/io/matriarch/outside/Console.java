package io.matriarch.outside;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Where a program that is run by a person, or asked by another, says what it has to say. */
public final class Console {

    /** In UTF-8 whatever the locale; each line at once. */
    public static final PrintWriter OUT =
            new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Console() {}
}
