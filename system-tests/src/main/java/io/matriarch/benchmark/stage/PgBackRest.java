package io.matriarch.benchmark.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** pgBackRest on a repository of its own, with a configuration file for each way to run it. */
public final class PgBackRest {

    private static final String STANZA = "bench";

    private final Path home;
    private final Server server;
    private final Shell shell;
    private final Store.Place place;

    private PgBackRest(Path home, Server server, Shell shell, Store.Place place) {
        this.home = home;
        this.server = server;
        this.shell = shell;
        this.place = place;
    }

    /** With an empty repository in the ground's store. */
    public static PgBackRest in(String folder, Ground ground) throws InterruptedException {
        return new PgBackRest(
                ground.folders().empty(folder),
                ground.server(),
                ground.shell(),
                ground.store().empty(folder));
    }

    /**
     * A command with the options of a contestant.
     *
     * @param lines such as {@code process-max=2}
     */
    public String command(String configuration, String lines, String words) {
        Path file = home.resolve(configuration + ".conf");
        String text =
                "[global]\n"
                        + place.peerLines()
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

    public void createStanza() throws InterruptedException {
        shell.run("bash", "-c", command("stanza", "", "--no-online stanza-create"));
    }
}
