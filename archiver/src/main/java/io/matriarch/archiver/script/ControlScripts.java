package io.matriarch.archiver.script;

import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * {@code archive-wal} and {@code fetch-wal} in the control directory: PostgreSQL's {@code
 * archive_command} and {@code restore_command}. They run where PostgreSQL runs, with nothing but a
 * POSIX shell.
 *
 * @param control the control directory, at the same path for PostgreSQL as for this process
 * @param spool where the sidecar answers; the same holds for it
 * @param fetchTrouble exit status of {@code fetch-wal} when there is no clean answer
 */
public record ControlScripts(Path control, Path spool, int fetchTrouble) {

    /**
     * On a standby trouble must look like absence: any other status would take the standby down.
     */
    public static final int TROUBLE_OF_A_STANDBY = 1;

    /** In a restore trouble must end the recovery, lest it ends early with data missing. */
    public static final int TROUBLE_OF_A_RESTORE = 126;

    public ControlScripts {
        requirePlain(control);
        requirePlain(spool);
        if (fetchTrouble < 1 || fetchTrouble > 126) {
            throw new IllegalArgumentException(
                    "exit status: " + fetchTrouble + " (expected: 1 to 126)");
        }
    }

    /** The value of {@code archive_command}. */
    public String archiveCommand() {
        return "exec " + control.resolve("archive-wal") + " %p %f";
    }

    /** The value of {@code restore_command}. */
    public String restoreCommand() {
        return "exec " + control.resolve("fetch-wal") + " %f %p";
    }

    /** Puts both scripts in place, or renews them; a caller never sees half of one. */
    public void install() {
        install("archive-wal");
        install("fetch-wal");
    }

    private void install(String name) {
        String text =
                template(name)
                        .replace("@control@", control.toString())
                        .replace("@spool@", spool.toString())
                        .replace("@trouble@", Integer.toString(fetchTrouble));
        try {
            WholeFiles.replaceDurably(
                    control.resolve(name), text, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String template(String name) {
        try (InputStream in =
                Objects.requireNonNull(ControlScripts.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The paths stand in shell scripts and in PostgreSQL's settings, unquoted. */
    private static void requirePlain(Path path) {
        if (!path.isAbsolute() || !path.toString().matches("[A-Za-z0-9_./+-]+")) {
            throw new IllegalArgumentException(
                    "directory: " + path + " (expected: absolute; letters, digits and _./+- only)");
        }
    }
}
