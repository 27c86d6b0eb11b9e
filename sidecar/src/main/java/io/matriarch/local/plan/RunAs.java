package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whom the processes and files of a local cluster belong to. PostgreSQL refuses to run as root, so
 * for root it is the user that PostgreSQL's package made; for anybody else it is oneself.
 *
 * @param user absent for oneself
 */
public record RunAs(@Nullable String user) {

    private static final String SERVICE_USER = "postgres";
    private static final long CHECK_SECONDS = 10;

    public static RunAs current() {
        return new RunAs(isRoot() ? SERVICE_USER : null);
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The command, changed so that it runs as the user. */
    public List<String> command(List<String> words) {
        if (user == null) {
            return words;
        }
        List<String> all = new ArrayList<>();
        all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--"));
        all.addAll(words);
        return List.copyOf(all);
    }

    /** Whether a short command ends with success when run as the user. */
    public boolean succeeds(String... words) {
        try {
            Process process =
                    new ProcessBuilder(command(List.of(words)))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (process.waitFor(CHECK_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Gives a file to the user. */
    public void own(Path file) {
        if (user == null) {
            return;
        }
        try {
            Files.setOwner(file, principal(user));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses if there is no such user. */
    public void requireUser() {
        if (user == null) {
            return;
        }
        try {
            principal(user);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UserPrincipal principal(String name) throws IOException {
        try {
            return FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(name);
        } catch (UserPrincipalNotFoundException e) {
            throw CommandFailure.refused(
                    "user: there is no "
                            + name
                            + " (expected, because PostgreSQL does not run as"
                            + " root)",
                    "install PostgreSQL's server package, or run as somebody else than root");
        }
    }
}
