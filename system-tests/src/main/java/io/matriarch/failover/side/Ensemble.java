package io.matriarch.failover.side;

import io.matriarch.local.plan.Ports;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A ZooKeeper of three servers, each a process of its own with its data on disk. */
public final class Ensemble implements AutoCloseable {

    private static final int SIZE = 3;

    private static final String MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ANSWER_MILLIS = 1_000;

    private final Path jar;
    private final Path home;
    private final Map<String, Integer> ports;
    private final List<Process> servers = new ArrayList<>();

    private Ensemble(Path jar, Path home, Map<String, Integer> ports) {
        this.jar = jar;
        this.home = home;
        this.ports = ports;
    }

    /** The program holds ZooKeeper's servers too. Returns once they have a leader. */
    public static Ensemble start(Launcher launcher, Path home) throws InterruptedException {
        List<String> names =
                IntStream.rangeClosed(1, SIZE)
                        .boxed()
                        .flatMap(number ->
                                Stream.of("client", "peer", "vote").map(use -> use + number))
                        .toList();
        try {
            // A build must not pull the ground from under a server that is started later.
            Path jar = home.resolve("zookeeper.jar");
            Files.copy(launcher.home().resolve("sidecar/target/matriarch.jar"), jar);
            Ensemble ensemble =
                    new Ensemble(jar, home, Ports.parse(Ports.DEFAULT).pick(names, Map.of()));
            for (int number = 1; number <= SIZE; number++) {
                ensemble.configure(number);
                ensemble.servers.add(ensemble.launch(number));
            }
            Waiting.until("ZooKeeper serves", PATIENCE, ensemble::isWhole);
            return ensemble;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void configure(int number) throws IOException {
        Path data = Files.createDirectories(home.resolve("zookeeper" + number));
        Files.writeString(data.resolve("myid"), number + "\n");
        String peers =
                IntStream.rangeClosed(1, SIZE)
                        .mapToObj(peer ->
                                "server.%d=127.0.0.1:%d:%d\n"
                                        .formatted(
                                                peer,
                                                ports.get("peer" + peer),
                                                ports.get("vote" + peer)))
                        .collect(Collectors.joining());
        Files.writeString(
                home.resolve("zookeeper" + number + ".cfg"),
                """
                tickTime=500
                initLimit=20
                syncLimit=10
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                4lw.commands.whitelist=srvr
                minSessionTimeout=1000
                maxSessionTimeout=60000
                maxClientCnxns=0
                """
                                .formatted(data, clientPort(number))
                        + peers);
    }

    private Process launch(int number) throws IOException {
        Path log = home.resolve("zookeeper" + number + ".log");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData",
                        "-Xmx96m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        jar.toString(),
                        MAIN,
                        home.resolve("zookeeper" + number + ".cfg").toString())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private int clientPort(int number) {
        return ports.getOrDefault("client" + number, 0);
    }

    public List<Integer> clientPorts() {
        return IntStream.rangeClosed(1, SIZE).mapToObj(this::clientPort).toList();
    }

    /** For clients. */
    public String servers() {
        return clientPorts().stream()
                .map(port -> "127.0.0.1:" + port)
                .collect(Collectors.joining(","));
    }

    public boolean isWhole() {
        List<String> modes = IntStream.rangeClosed(1, SIZE).mapToObj(this::mode).toList();
        return modes.contains("leader") && !modes.contains("");
    }

    /** What a server says that it is; nothing if it serves nobody. */
    private String mode(int number) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort(number)),
                    ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.lines()
                    .filter(line -> line.startsWith("Mode: "))
                    .map(line -> line.substring("Mode: ".length()))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** The leader, the worst one to lose. */
    public void killLeader() throws InterruptedException {
        int leader =
                IntStream.rangeClosed(1, SIZE)
                        .filter(number -> mode(number).equals("leader"))
                        .findFirst()
                        .orElseThrow(() -> new OutsideException("ZooKeeper: it has no leader"));
        servers.get(leader - 1).destroyForcibly().waitFor();
    }

    public void killAll() throws InterruptedException {
        servers.forEach(Process::destroyForcibly);
        for (Process server : servers) {
            server.waitFor();
        }
    }

    /** Starts those that are not there; returns once all serve. */
    public void startMissing() throws InterruptedException {
        try {
            for (int number = 1; number <= SIZE; number++) {
                if (!servers.get(number - 1).isAlive()) {
                    servers.set(number - 1, launch(number));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Waiting.until("all ZooKeeper servers serve", PATIENCE, this::isWhole);
    }

    @Override
    public void close() {
        servers.forEach(Process::destroyForcibly);
    }
}
