package io.matriarch.benchmark.stage;

import java.nio.file.Path;
import java.util.Map;

/** What holds the repositories of a run: the same for everybody. */
public sealed interface Store extends AutoCloseable permits Store.InDirectories, S3Store {

    /** As it is written behind a contest's title. */
    String title();

    /**
     * A place that is empty, and no other than the last one of this name; the server of the store,
     * if there is one, goes on.
     */
    Place empty(String name);

    /** What a program needs in its environment to be let in. */
    Map<String, String> environment();

    /** What the store's own process has used so far; NaN if it has none. */
    double processorSeconds();

    /** Whether bytes go to a file without a server that takes a part of the processors. */
    default boolean isPlain() {
        return Double.isNaN(processorSeconds());
    }

    @Override
    void close();

    /**
     * An empty place for one contestant's repository.
     *
     * @param url as Matriarch is told of it
     * @param peerLines of pgBackRest's configuration file
     */
    record Place(String url, String peerLines) {}

    /** On the disk on which the server's data lies too. */
    public record InDirectories(Folders folders) implements Store {

        @Override
        public String title() {
            return "in a directory";
        }

        @Override
        public Place empty(String name) {
            Path folder = folders.empty("repository-" + name);
            return new Place("file://" + folder, "repo1-path=" + folder + "\n");
        }

        @Override
        public Map<String, String> environment() {
            return Map.of();
        }

        @Override
        public double processorSeconds() {
            return Double.NaN;
        }

        @Override
        public void close() {
            // Nothing runs.
        }
    }
}
