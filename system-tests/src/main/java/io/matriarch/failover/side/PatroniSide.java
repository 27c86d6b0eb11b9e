package io.matriarch.failover.side;

import io.matriarch.local.plan.Machine;
import io.matriarch.local.plan.Ports;
import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Database;
import io.matriarch.outside.HttpQuestion;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Programs;
import io.matriarch.outside.Waiting;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Three members of Patroni on an ensemble of three, with HAProxy in front. */
public final class PatroniSide implements Side {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<String> NAMES = List.of("p1", "p2", "p3");
    private static final String PASSWORD = "of-this-machine-only";
    private static final String APPLICATION = "app";

    private final Path home;
    private final RunAs owner;
    private final PatroniSettings settings;
    private final Ensemble zooKeeper;
    private final Ways ways;
    private final Map<String, Integer> ports;
    private final Map<String, PatroniSettings.Place> places = new LinkedHashMap<>();
    private final Map<String, Process> members = new LinkedHashMap<>();
    private final List<Process> others = new ArrayList<>();

    private PatroniSide(
            Path home, RunAs owner, PatroniSettings settings, Ensemble zooKeeper, Ways ways) {
        this.home = home;
        this.owner = owner;
        this.settings = settings;
        this.zooKeeper = zooKeeper;
        this.ways = ways;
        List<String> names =
                Stream.concat(
                                Stream.of("haproxy"),
                                NAMES.stream()
                                        .flatMap(name ->
                                                Stream.of(name + ".postgres", name + ".rest")))
                        .toList();
        this.ports = Ports.parse(Ports.DEFAULT).pick(names, Map.of());
    }

    public static PatroniSide start(Launcher launcher, Path home, PatroniSettings settings)
            throws InterruptedException {
        Ensemble zooKeeper = Ensemble.start(launcher, home);
        Ways ways = Ways.lay(NAMES, zooKeeper);
        PatroniSide side = new PatroniSide(home, RunAs.current(), settings, zooKeeper, ways);
        boolean isUp = false;
        try {
            side.launchAll();
            isUp = true;
            return side;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!isUp) {
                side.end();
            }
        }
    }

    private void launchAll() throws IOException, InterruptedException {
        String programs = new Machine(System.getenv(), owner).inspect().postgresPrograms();
        for (String name : NAMES) {
            Path directory = Files.createDirectories(home.resolve(name));
            owner.own(directory);
            Path archive = directory.resolve("archive-wal");
            Files.writeString(archive, "#!/bin/sh\nexit 0\n");
            Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rwxr-xr-x"));
            places.put(
                    name,
                    new PatroniSettings.Place(
                            name,
                            directory.toString(),
                            programs,
                            port(name + ".postgres"),
                            port(name + ".rest"),
                            ways.servers(name),
                            PASSWORD));
            Files.writeString(configuration(name), settings.patroni(place(name)));
        }
        Path haproxy = home.resolve("haproxy.cfg");
        Files.writeString(haproxy, settings.haproxy(port("haproxy"), places.values()));
        others.add(launch("haproxy", List.of("haproxy", "-db", "-f", haproxy.toString())));
        launchMissing();
        Waiting.until("there is a primary", PATIENCE, this::doesWrite);
        createApplication();
        Waiting.until("the cluster is whole", PATIENCE, this::isWhole);
    }

    private void createApplication() {
        try {
            superuser()
                    .at(entry())
                    .execute(
                            "CREATE ROLE " + APPLICATION + " LOGIN PASSWORD '" + PASSWORD + "'",
                            "GRANT CREATE ON SCHEMA public TO " + APPLICATION);
        } catch (SQLException e) {
            throw new OutsideException("the application's user was not made", e);
        }
    }

    private void launchMissing() throws IOException {
        for (String name : NAMES) {
            Process before = members.get(name);
            if (before == null || !before.isAlive()) {
                members.put(name, launch(name, List.of("patroni", configuration(name).toString())));
            }
        }
    }

    /**
     * In a session of its own; setpriv and setsid replace themselves, so its id is the program's.
     */
    private Process launch(String name, List<String> command) throws IOException {
        List<String> words = new ArrayList<>(List.of("setsid"));
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(owner.command(words));
        builder.environment().keySet().removeIf(key -> key.startsWith("PG"));
        builder.environment().put("HOME", home.toString());
        builder.environment().merge("PATH", "/usr/sbin", (before, more) -> before + ":" + more);
        return builder.directory(Path.of("/").toFile())
                // A backend that has lost its client reads the standard input for a moment.
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve(name + ".log").toFile()))
                .start();
    }

    private int port(String name) {
        return ports.getOrDefault(name, 0);
    }

    private Path configuration(String name) {
        return home.resolve(name + ".yml");
    }

    private PatroniSettings.Place place(String name) {
        return Optional.ofNullable(places.get(name)).orElseThrow();
    }

    private String entry() {
        return "127.0.0.1:" + port("haproxy");
    }

    @Override
    public boolean isSynchronous() {
        return settings.isSynchronous();
    }

    private boolean doesWrite() {
        try {
            superuser().execute("SELECT pg_logical_emit_message(true, 'outside', 'whole?')");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public boolean isWhole() {
        try {
            String kept = isSynchronous() ? "count(*) FILTER (WHERE sync_state = 'sync')" : "1";
            return members.values().stream().allMatch(Process::isAlive)
                    && doesWrite()
                    && (!isSynchronous()
                            || NAMES.stream().anyMatch(name -> says(name, "synchronous")))
                    && superuser()
                                    .number(
                                            "SELECT count(*) * least(1, "
                                                    + kept
                                                    + ") FROM pg_stat_replication"
                                                    + " WHERE state = 'streaming' AND"
                                                    + " application_name IN ('p1', 'p2', 'p3')")
                            == NAMES.size() - 1;
        } catch (SQLException e) {
            return false;
        }
    }

    /**
     * Whether a member answers a question with yes. That it is synchronous it says later than
     * PostgreSQL does, and until then nothing is handed over to it.
     */
    private boolean says(String name, String question) {
        return HttpQuestion.passes("http://127.0.0.1:" + port(name + ".rest") + "/" + question);
    }

    @Override
    public List<Member> members() {
        return NAMES.stream().map(this::member).toList();
    }

    private Member member(String name) {
        return new Member(name, "127.0.0.1:" + port(name + ".postgres"));
    }

    @Override
    public Member primary() throws SQLException {
        int port = (int) superuser().number("SELECT inet_server_port()");
        return members().stream()
                .filter(member -> member.address().endsWith(":" + port))
                .findFirst()
                .orElseThrow(() -> new OutsideException("primary: port " + port));
    }

    @Override
    public RecordingWriter.Target target(String table) {
        return at(entry(), table);
    }

    @Override
    public RecordingWriter.Target targetAt(Member member, String table) {
        return at(member.address(), table);
    }

    private static RecordingWriter.Target at(String address, String table) {
        return new RecordingWriter.Target(address, "postgres", APPLICATION, PASSWORD, table);
    }

    @Override
    public Database superuser() {
        return new Database(entry(), "postgres", "postgres", PASSWORD);
    }

    @Override
    public MemberProcesses processes(Member member) {
        ProcessHandle patroni =
                Optional.ofNullable(members.get(member.name())).orElseThrow().toHandle();
        ProcessHandle postmaster = postmaster(member.name());
        List<Long> own =
                Stream.concat(Stream.of(patroni), patroni.children())
                        .map(ProcessHandle::pid)
                        .filter(pid -> pid != postmaster.pid())
                        .toList();
        return new MemberProcesses(own, List.of(), postmaster);
    }

    private ProcessHandle postmaster(String name) {
        return livingPostmaster(name)
                .orElseThrow(() -> new OutsideException(name + " has no postmaster"));
    }

    /** Its file may be old, and the id another's by now. */
    private Optional<ProcessHandle> livingPostmaster(String name) {
        Path data = Path.of(place(name).directory(), "data");
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                    .filter(process -> Signals.title(process.pid()).contains(data.toString()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void suspendKeeping() {}

    @Override
    public void resumeKeeping() {
        try {
            launchMissing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void switchOver(Member from, Member to) throws InterruptedException {
        control("switchover", "peer", "--leader", from.name(), "--candidate", to.name(), "--force");
    }

    private void control(String... words) throws InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of("patronictl", "-c", configuration(NAMES.get(0)).toString()));
        command.addAll(List.of(words));
        Programs.run(
                        PATIENCE,
                        Map.of("LC_ALL", "C.UTF-8", "LANG", "C.UTF-8"),
                        owner.command(command))
                .orFail();
    }

    @Override
    public void setFailsafe(boolean isOn) throws InterruptedException {
        control("edit-config", "peer", "--force", "-s", "failsafe_mode=" + isOn);
        if (isOn) {
            // The primary lists the members in its next round, the others read it in theirs.
            Waiting.until(
                    "all know whom to ask without ZooKeeper",
                    PATIENCE,
                    () -> NAMES.stream().allMatch(name -> says(name, "failsafe")));
        }
    }

    @Override
    public Ensemble zooKeeper() {
        return zooKeeper;
    }

    @Override
    public List<Relay> waysToZooKeeper(Member member) {
        return ways.of(member.name());
    }

    @Override
    public Path archiveProgram(Member member) {
        return Path.of(place(member.name()).directory(), "archive-wal");
    }

    /** Patroni leaves its Postgres running when it is killed, so they are ended first. */
    @Override
    public void end() throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>();
        Stream.concat(others.stream(), members.values().stream())
                .map(Process::toHandle)
                .forEach(process -> {
                    all.add(process);
                    process.descendants().forEach(all::add);
                });
        for (String name : members.keySet()) {
            livingPostmaster(name)
                    .ifPresent(postmaster -> {
                        all.add(postmaster);
                        postmaster.descendants().forEach(all::add);
                    });
        }
        all.forEach(ProcessHandle::destroyForcibly);
        Waiting.until(
                all.stream()
                                .map(ProcessHandle::pid)
                                .map(String::valueOf)
                                .collect(Collectors.joining(" "))
                        + " are gone",
                PATIENCE,
                () -> all.stream().noneMatch(ProcessHandle::isAlive));
        ways.close();
        zooKeeper.close();
    }
}
