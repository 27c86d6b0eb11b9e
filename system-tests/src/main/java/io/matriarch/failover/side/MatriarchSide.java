package io.matriarch.failover.side;

import io.matriarch.local.process.ClusterFile;
import io.matriarch.local.process.OwnProcess;
import io.matriarch.local.process.Part;
import io.matriarch.outside.Database;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.RunningCluster;
import io.matriarch.outside.Waiting;
import io.matriarch.workload.RecordingWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A cluster of {@code matriarch local} on an ensemble of three. */
public final class MatriarchSide implements Side {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RunningCluster cluster;
    private final boolean isSynchronous;
    private final Ensemble zooKeeper;
    private final Ways ways;

    private MatriarchSide(
            RunningCluster cluster, boolean isSynchronous, Ensemble zooKeeper, Ways ways) {
        this.cluster = cluster;
        this.isSynchronous = isSynchronous;
        this.zooKeeper = zooKeeper;
        this.ways = ways;
    }

    public static MatriarchSide start(Launcher launcher, Path home, boolean isSynchronous)
            throws InterruptedException {
        Ensemble zooKeeper = Ensemble.start(launcher, home);
        RunningCluster cluster = new RunningCluster(launcher, home.resolve("c"));
        boolean isUp = false;
        try {
            cluster.up(
                    "--nodes",
                    "3",
                    "--store",
                    "directory",
                    "--sync",
                    isSynchronous ? "on" : "off",
                    "--failsafe",
                    "--zookeeper",
                    zooKeeper.servers());
            List<String> members =
                    cluster.file().nodes().stream().map(ClusterFile.Node::name).toList();
            Ways ways = Ways.lay(members, zooKeeper);
            MatriarchSide side = new MatriarchSide(cluster, isSynchronous, zooKeeper, ways);
            side.leadSidecarsOver();
            isUp = true;
            return side;
        } finally {
            if (!isUp) {
                zooKeeper.close();
            }
        }
    }

    /** Each sidecar is started anew with ways of its own, which can be cut. */
    private void leadSidecarsOver() throws InterruptedException {
        for (ClusterFile.Node node : cluster.file().nodes()) {
            Path file = cluster.root().resolve(node.name()).resolve("sidecar.yaml");
            try {
                String text = Files.readString(file);
                Files.writeString(
                        file, text.replace(zooKeeper.servers(), ways.servers(node.name())));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            RunningCluster.kill(Optional.ofNullable(node.sidecarPid()).orElseThrow());
            Waiting.until("the cluster is whole", PATIENCE, this::isWhole);
        }
    }

    @Override
    public boolean isSynchronous() {
        return isSynchronous;
    }

    @Override
    public boolean isWhole() {
        return cluster.isWhole();
    }

    @Override
    public List<Member> members() {
        return cluster.file().nodes().stream().map(MatriarchSide::member).toList();
    }

    private static Member member(ClusterFile.Node node) {
        return new Member(node.name(), node.postgres());
    }

    @Override
    public Member primary() throws SQLException {
        return member(cluster.primary());
    }

    @Override
    public RecordingWriter.Target target(String table) {
        return cluster.target(table);
    }

    @Override
    public RecordingWriter.Target targetAt(Member member, String table) {
        return cluster.targetAt(member.address(), table);
    }

    @Override
    public Database superuser() {
        return cluster.superuser();
    }

    @Override
    public MemberProcesses processes(Member member) {
        ClusterFile.Node node = cluster.node(member.name());
        return new MemberProcesses(
                List.of(Optional.ofNullable(node.sidecarPid()).orElseThrow()),
                List.of(Optional.ofNullable(node.supervisorPid()).orElseThrow()),
                cluster.postmaster(node).orElseThrow());
    }

    @Override
    public void suspendKeeping() throws InterruptedException {
        Signals.send("STOP", keeper());
    }

    @Override
    public void resumeKeeping() throws InterruptedException {
        Signals.send("CONT", keeper());
    }

    private List<Long> keeper() {
        return cluster.processes().stream()
                .filter(process -> process.part().equals(Part.KEEPER))
                .map(OwnProcess::pid)
                .toList();
    }

    @Override
    public void switchOver(Member from, Member to) throws InterruptedException {
        cluster.command("switchover", "--to", to.name(), "--yes", "--json").orFail();
    }

    /** It is on from the beginning: it is no switch of a running cluster. */
    @Override
    public void setFailsafe(boolean isOn) {}

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
        return Path.of(cluster.node(member.name()).controlDir(), "archive-wal");
    }

    @Override
    public void end() throws InterruptedException {
        try {
            List<Long> frozen = new ArrayList<>();
            cluster.processes().forEach(process -> frozen.add(process.pid()));
            if (!frozen.isEmpty()) {
                Signals.send("CONT", frozen);
            }
            cluster.down();
        } finally {
            ways.close();
            zooKeeper.close();
        }
    }
}
