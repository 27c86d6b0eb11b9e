package io.matriarch.failover;

import io.matriarch.failover.side.Member;
import io.matriarch.failover.side.MemberProcesses;
import io.matriarch.failover.side.Relay;
import io.matriarch.failover.side.Side;
import io.matriarch.failover.side.Signals;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** How each fault is brought about. */
final class Strikes {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private Strikes() {}

    static Strike.Cure killPostmaster(Scene scene) throws InterruptedException {
        Signals.send("KILL", List.of(scene.processes().postmaster().pid()));
        return Strike.Cure.NONE;
    }

    static Strike.Cure killHost(Scene scene) throws InterruptedException {
        MemberProcesses all = scene.processes();
        scene.side().suspendKeeping();
        Signals.send("KILL", all.stopped());
        return scene.side()::resumeKeeping;
    }

    static Strike.Cure killSidecar(Scene scene) throws InterruptedException {
        MemberProcesses all = scene.processes();
        scene.side().suspendKeeping();
        Signals.send("KILL", all.watching());
        return scene.side()::resumeKeeping;
    }

    static Strike.Cure freezeSidecar(Scene scene) throws InterruptedException {
        return freeze(scene.processes().watching());
    }

    static Strike.Cure freezeHost(Scene scene) throws InterruptedException {
        List<Long> stopped = scene.processes().stopped();
        return () -> Signals.sendToLiving("CONT", stopped);
    }

    private static Strike.Cure freeze(List<Long> processes) throws InterruptedException {
        Signals.send("STOP", processes);
        return () -> Signals.sendToLiving("CONT", processes);
    }

    static Strike.Cure switchOver(Scene scene) throws InterruptedException {
        Side side = scene.side();
        side.switchOver(scene.primary(), scene.candidate());
        Waiting.until(
                scene.candidate().name() + " is primary",
                PATIENCE,
                () -> isPrimary(scene.candidate(), side));
        return Strike.Cure.NONE;
    }

    private static boolean isPrimary(Member member, Side side) {
        try {
            return side.primary().name().equals(member.name());
        } catch (SQLException e) {
            return false;
        }
    }

    static Strike.Cure switchOverWithFrozenReceiver(Scene scene) throws InterruptedException {
        Strike.Cure thaw = freeze(List.of(receiver(scene, scene.bystander())));
        return then(thaw, () -> switchOver(scene));
    }

    static Strike.Cure freezeReceivers(Scene scene) throws InterruptedException {
        return freeze(
                List.of(receiver(scene, scene.candidate()), receiver(scene, scene.bystander())));
    }

    private static long receiver(Scene scene, Member standby) {
        return scene.side()
                .processes(standby)
                .walReceiver()
                .orElseThrow(() -> new OutsideException(standby.name() + " has no walreceiver"));
    }

    /** The program is replaced by one that never ends, and is begun before the switchover. */
    static Strike.Cure switchOverWithHungArchive(Scene scene)
            throws InterruptedException, SQLException {
        Path program = scene.side().archiveProgram(scene.primary());
        Path kept = program.resolveSibling(program.getFileName() + ".kept");
        Path pid = program.resolveSibling("hung.pid");
        Path hanging = program.resolveSibling("hanging");
        try {
            Files.copy(
                    program,
                    kept,
                    StandardCopyOption.COPY_ATTRIBUTES,
                    StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(hanging, "#!/bin/sh\necho $$ > " + pid + "\nexec sleep 600 9>&-\n");
            Files.setPosixFilePermissions(hanging, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(hanging, program, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Strike.Cure cure = () -> restore(program, kept, pid);
        scene.side().superuser().text("SELECT pg_switch_wal()");
        return then(
                cure,
                () -> {
                    Waiting.until("archive_command hangs", PATIENCE, () -> Files.exists(pid));
                    return switchOver(scene);
                });
    }

    private static void restore(Path program, Path kept, Path pid) throws InterruptedException {
        try {
            Files.move(kept, program, StandardCopyOption.ATOMIC_MOVE);
            List<Long> hung =
                    Files.exists(pid)
                            ? Files.readAllLines(pid).stream()
                                    .map(line -> Long.parseLong(line.strip()))
                                    .filter(each -> Signals.title(each).startsWith("sleep 600"))
                                    .toList()
                            : List.of();
            Signals.sendToLiving("KILL", hung);
            Files.deleteIfExists(pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Strike.Cure killOneZooKeeper(Scene scene) throws InterruptedException {
        scene.side().zooKeeper().killLeader();
        return scene.side().zooKeeper()::startMissing;
    }

    static Strike.Cure killAllZooKeepers(Scene scene) throws InterruptedException {
        Side side = scene.side();
        side.setFailsafe(true);
        return then(
                () -> {
                    side.zooKeeper().startMissing();
                    side.setFailsafe(false);
                },
                () -> {
                    side.zooKeeper().killAll();
                    return Strike.Cure.NONE;
                });
    }

    static Strike.Cure cut(Scene scene, Relay.Passing left) {
        List<Relay> ways = scene.side().waysToZooKeeper(scene.primary());
        ways.forEach(way -> way.let(left));
        return () -> ways.forEach(way -> way.let(Relay.Passing.BOTH));
    }

    /** What has begun is cured also if what follows fails. */
    private static Strike.Cure then(Strike.Cure cure, Following following)
            throws InterruptedException {
        boolean isDone = false;
        try {
            following.go();
            isDone = true;
            return cure;
        } finally {
            if (!isDone) {
                cure.apply();
            }
        }
    }

    @FunctionalInterface
    private interface Following {
        Strike.Cure go() throws InterruptedException;
    }
}
