package io.matriarch.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** pgBackRest on a repository in a directory, with a configuration file for each way to run it. */
final class PgBackRest {

    private static final String STANZA = "bench";

    private final Path home;
    private final Server server;
    private final Shell shell;
    private final Storage storage;

    /** Where the repository lies: lines of the configuration file. */
    record Storage(String lines) {

        static Storage directory(Path path) {
            return new Storage("repo1-path=" + path + "\n");
        }
    }

    PgBackRest(Path home, Server server, Shell shell, Storage storage) {
        this.home = home;
        this.server = server;
        this.shell = shell;
        this.storage = storage;
    }

    /** With an empty repository in a directory. */
    static PgBackRest in(String folder, Ground ground) throws InterruptedException {
        Path home = ground.folders().empty(folder);
        return new PgBackRest(
                home,
                ground.server(),
                ground.shell(),
                Storage.directory(home.resolve("repository")));
    }

    /**
     * A command with the options of a contestant.
     *
     * @param lines such as {@code process-max=2}
     */
    String command(String configuration, String lines, String words) {
        Path file = home.resolve(configuration + ".conf");
        String text =
                "[global]\n"
                        + storage.lines()
                        + """
                        spool-path=%1$s/spool
                        lock-path=%1$s/lock
                        log-path=%1$s/log
                        log-level-console=warn
                        log-level-file=off
                        start-fast=y
                        repo1-retention-full=100
                        """
                                .formatted(home)
                        + lines
                        + """

                        [%s]
                        pg1-path=%s
                        pg1-socket-path=%s
                        pg1-user=postgres
                        """
                                .formatted(STANZA, server.data(), server.home());
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "pgbackrest --config=" + file + " --stanza=" + STANZA + " " + words;
    }

    void createStanza() throws InterruptedException {
        shell.run("bash", "-c", command("stanza", "", "--no-online stanza-create"));
    }
}
