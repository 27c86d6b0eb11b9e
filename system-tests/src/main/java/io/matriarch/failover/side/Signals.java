package io.matriarch.failover.side;

import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Signals to processes, by their ids. */
public final class Signals {

    private static final Duration AN_INSTANT = Duration.ofSeconds(10);

    private Signals() {}

    /** The first of them must be there; a backend may have ended since it was counted. */
    public static void send(String name, Collection<Long> processes) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(pid -> command.add(pid.toString()));
        long first = processes.iterator().next();
        if (ProcessHandle.of(first).isEmpty()) {
            throw new OutsideException("process " + first + " was not there to get SIG" + name);
        }
        Programs.run(AN_INSTANT, Map.of(), command);
    }

    /** To those of them that are still there. */
    public static void sendToLiving(String name, Collection<Long> processes)
            throws InterruptedException {
        List<Long> living =
                processes.stream().filter(pid -> ProcessHandle.of(pid).isPresent()).toList();
        if (!living.isEmpty()) {
            send(name, living);
        }
    }

    /** What a process calls itself; nothing if it is gone. */
    public static String title(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }
}
