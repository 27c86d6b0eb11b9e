package io.matriarch.outside;

import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.RunAs;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.local.process.OwnProcess;
import io.matriarch.local.process.Part;
import io.matriarch.local.process.PartProcess;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A cluster that {@code matriarch local up --detach} has started. */
public final class RunningCluster {

    private final Launcher launcher;
    private final LocalDirectory directory;

    public RunningCluster(Launcher launcher, Path directory) {
        this.launcher = launcher;
        this.directory = new LocalDirectory(directory);
    }

    /** Returns once it serves. */
    public Ended up(String... options) throws InterruptedException {
        return tryUp(options).orFail();
    }

    /** Starts it, whatever comes of it. */
    public Ended tryUp(String... options) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("local", "up", "--detach"));
        arguments.addAll(List.of("--dir", root().toString()));
        arguments.addAll(List.of(options));
        return launcher.run(arguments.toArray(String[]::new));
    }

    public Ended down() throws InterruptedException {
        return launcher.run("local", "down", "--dir", root().toString()).orFail();
    }

    /** A command about this cluster, whatever comes of it. */
    public Ended command(String name, String... options) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(name, "--dir", root().toString()));
        arguments.addAll(List.of(options));
        return launcher.run(arguments.toArray(String[]::new));
    }

    public Path root() {
        return directory.root();
    }

    /** What {@code cluster.json} says now. */
    public ClusterFile file() {
        try {
            return JsonText.read(directory.clusterFile(), ClusterFile.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LocalPlan plan() {
        return LocalPlan.require(directory);
    }

    /** PostgreSQL's own program of this name, of the version that the cluster runs. */
    public Path program(String name) {
        return Path.of(plan().host().postgresPrograms(), name);
    }

    /** Whom the cluster's files and processes belong to. */
    public RunAs owner() {
        return new RunAs(plan().host().runAs());
    }

    /** The application's database, through the ambassador. */
    public Database application() {
        ClusterFile file = file();
        return new Database(
                file.ambassador().readWrite(), file.database(), file.user(), file.password());
    }

    /** The superuser, in the application's database, through the ambassador. */
    public Database superuser() {
        return new Database(
                file().ambassador().readWrite(),
                file().database(),
                "postgres",
                plan().secrets().superuser());
    }

    /** A table for a recording writer, through the ambassador. */
    public RecordingWriter.Target target(String table) {
        return targetAt(file().ambassador().readWrite(), table);
    }

    public RecordingWriter.Target targetAt(String address, String table) {
        ClusterFile file = file();
        return new RecordingWriter.Target(
                address, file.database(), file.user(), file.password(), table);
    }

    /** Whom clients reach through the ambassador. */
    public ClusterFile.Node primary() throws SQLException {
        String port = application().text("SELECT inet_server_port()");
        return file().nodes().stream()
                .filter(node -> node.postgres().endsWith(":" + port))
                .findFirst()
                .orElseThrow(() -> new OutsideException("primary: port " + port + " is no node's"));
    }

    public ClusterFile.Node node(String name) {
        return file().nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new OutsideException("node: " + name + " is not in the file"));
    }

    /** All nodes but one, in the file's order. */
    public List<ClusterFile.Node> othersThan(ClusterFile.Node node) {
        return file().nodes().stream().filter(other -> !other.name().equals(node.name())).toList();
    }

    /** How many of the other members stream from the primary. */
    public int streamingStandbys() throws SQLException {
        String names =
                String.join("','", file().nodes().stream().map(ClusterFile.Node::name).toList());
        return (int)
                superuser()
                        .number(
                                "SELECT count(DISTINCT application_name) FROM pg_stat_replication"
                                        + " WHERE state = 'streaming' AND application_name IN ('"
                                        + names
                                        + "')");
    }

    /**
     * Whether a write goes through, every member is ready, every other member streams and may, in
     * synchronous mode, be counted on by an election.
     */
    public boolean isWhole() {
        List<ClusterFile.Node> nodes = file().nodes();
        try {
            application().execute("SELECT pg_logical_emit_message(true, 'outside', 'whole?')");
            return nodes.stream().allMatch(RunningCluster::isReady)
                    && streamingStandbys() == nodes.size() - 1
                    && areAllCountedOn(nodes);
        } catch (SQLException | OutsideException e) {
            return false;
        }
    }

    private boolean areAllCountedOn(List<ClusterFile.Node> nodes) {
        ClusterState state = word(nodes.getFirst()).state();
        return state != null
                && (state.synchronous() == null
                        || state.synchronous().members().size() == nodes.size() - 1);
    }

    /** Whether a member's sidecar says that its Postgres serves. */
    private static boolean isReady(ClusterFile.Node node) {
        return HttpQuestion.passes(node.api() + "/readiness");
    }

    /** Whether a member is a standby that streams from whom clients reach. */
    public boolean isStreaming(String member) {
        try {
            return superuser()
                            .number(
                                    "SELECT count(*) FROM pg_stat_replication WHERE state ="
                                            + " 'streaming' AND application_name = '"
                                            + member
                                            + "'")
                    > 0;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The primary, unless nobody can be asked. */
    public Optional<ClusterFile.Node> primaryIfReachable() {
        try {
            return Optional.of(primary());
        } catch (SQLException e) {
            return Optional.empty();
        }
    }

    /** The postmaster of a member, if it has one. */
    public Optional<ProcessHandle> postmaster(ClusterFile.Node node) {
        Path file = Path.of(node.dataDir(), "postmaster.pid");
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
        } catch (IOException | NumberFormatException e) {
            // It is being removed or written.
            return Optional.empty();
        }
    }

    /** What the sidecar of a node has logged, by all that have run. */
    public String log(ClusterFile.Node node) {
        try {
            return Files.readString(root().resolve(node.name()).resolve("sidecar.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All processes of the cluster that live. */
    public List<OwnProcess> processes() {
        return OwnProcess.allOf(directory, plan());
    }

    /** The process of a part, such as {@link Part#ZOOKEEPER}. */
    public OwnProcess part(String name) {
        return OwnProcess.partsOf(directory, plan()).stream()
                .filter(process -> process.part().equals(name))
                .findFirst()
                .orElseThrow(() -> new OutsideException("part: " + name + " does not run"));
    }

    /** Starts the cluster's ZooKeeper again, after it was killed. */
    public void startZooKeeper() {
        LocalPlan plan = plan();
        Part zooKeeper = Part.foundation(new LocalConfiguration(directory, plan)).getFirst();
        try {
            Process started = new PartProcess(directory, plan).start(zooKeeper, owner());
            if (!started.isAlive()) {
                throw new OutsideException("zookeeper: it has ended at once");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a member's sidecar says of itself. */
    public MemberWord word(ClusterFile.Node node) {
        return HttpQuestion.answer(node.api() + "/status")
                .flatMap(text -> ClusterJson.read(text, MemberWord.class))
                .orElse(MemberWord.NONE);
    }

    /**
     * A part of what {@code /status} answers.
     *
     * @param state the record of authority as it was seen last; absent if it was not
     * @param upheldByVows whether the authority held there rests on vows
     * @param mayVouch whether it would vouch for a primary
     */
    public record MemberWord(@Nullable ClusterState state, boolean upheldByVows, boolean mayVouch) {

        static final MemberWord NONE = new MemberWord(null, false, false);
    }

    /** Kills with -9. */
    public static void kill(long pid) {
        boolean isKilled = ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
        if (!isKilled) {
            throw new OutsideException("process " + pid + " was not there to kill");
        }
    }
}
