package io.matriarch.archiver.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who a restored server runs as.
 *
 * @param name empty for the user of this process; another needs root
 */
public record ServerUser(Optional<String> name) {

    private static final String ROOT = "root";

    private static final Set<String> NEEDED =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR");

    /** Languages, and where libraries are looked for. */
    private static final List<String> NEEDED_PREFIXES = List.of("LC_", "LD_");

    private static final String FIRST_CLOSED =
            "for it; do test -x \"$it\" || { printf %s \"$it\"; exit; }; done";

    /** PostgreSQL does not run as this one, by whatever name or number it goes. */
    public boolean isRoot() {
        return name.map(ServerUser::isRoot)
                .orElseGet(() -> ROOT.equals(System.getProperty("user.name")));
    }

    private static boolean isRoot(String user) {
        UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            return users.lookupPrincipalByName(user).equals(users.lookupPrincipalByName(ROOT));
        } catch (IOException unknown) {
            return ROOT.equals(user);
        }
    }

    /**
     * Leaves of an environment what a restored server and its programs need. No key and no password
     * of this process goes along, and nothing by which a program would find another server.
     */
    static void limit(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(name ->
                        !NEEDED.contains(name)
                                && NEEDED_PREFIXES.stream().noneMatch(name::startsWith));
    }

    /** The words of a command that this user is to run. */
    List<String> command(List<String> words) {
        List<String> command = new ArrayList<>();
        name.ifPresent(user ->
                command.addAll(
                        List.of(
                                "setpriv",
                                "--reuid=" + user,
                                "--regid=" + user,
                                "--init-groups",
                                "--")));
        command.addAll(words);
        return command;
    }

    /**
     * The first folder on the way to a place that this user cannot enter; empty if there is none
     * among those that exist.
     *
     * @throws IOException if nothing can be run as this user
     */
    public Optional<Path> firstClosed(Path place) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("sh", "-c", FIRST_CLOSED, "sh"));
        int begin = words.size();
        Path absolute = place.toAbsolutePath().normalize();
        for (Path up = absolute.getParent(); up != null; up = up.getParent()) {
            if (Files.exists(up)) {
                words.add(begin, up.toString());
            }
        }
        Process process =
                new ProcessBuilder(command(words))
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = oneLine(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
        return Optional.of(said).filter(it -> !it.isEmpty()).map(Path::of);
    }

    /** What a program has said, to be part of a sentence. */
    static String oneLine(byte[] said) {
        return new String(said, UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("; "));
    }
}
