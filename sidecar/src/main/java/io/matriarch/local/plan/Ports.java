package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Free ports of this machine, from a range below the one from which Linux takes the ports of
 * outgoing connections: a port of ours must still be free when its process is started again.
 */
public record Ports(int first, int last) {

    public static final String DEFAULT = "20000-29999";
    private static final int HIGHEST = 65535;

    public Ports {
        if (first < 1024 || last > HIGHEST || first > last) {
            throw new IllegalArgumentException(
                    "ports: " + first + "-" + last + " (expected: FROM-TO within 1024-65535)");
        }
    }

    public static Ports parse(String text) {
        if (!text.matches("\\d{1,5}-\\d{1,5}")) {
            throw new IllegalArgumentException(
                    "ports: " + text + " (expected: FROM-TO, as in " + DEFAULT + ")");
        }
        int dash = text.indexOf('-');
        return new Ports(
                Integer.parseInt(text.substring(0, dash)),
                Integer.parseInt(text.substring(dash + 1)));
    }

    /** A free port for each name; one that was used before and is free is taken again. */
    public Map<String, Integer> pick(List<String> names, Map<String, Integer> before) {
        // First those that keep theirs, so that no other name is given one of them.
        Map<String, Integer> kept = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (String name : names) {
            Integer old = before.get(name);
            if (old != null && !taken.contains(old) && isFree(old)) {
                taken.add(old);
                kept.put(name, old);
            }
        }
        Map<String, Integer> picked = new LinkedHashMap<>();
        for (String name : names) {
            Integer old = kept.get(name);
            int port = old != null ? old : free(taken);
            taken.add(port);
            picked.put(name, port);
        }
        return picked;
    }

    private int free(Set<Integer> taken) {
        int width = last - first + 1;
        int start = RandomGenerator.getDefault().nextInt(width);
        return IntStream.range(0, width)
                .map(step -> first + (start + step) % width)
                .filter(port -> !taken.contains(port) && isFree(port))
                .findFirst()
                .orElseThrow(() ->
                        CommandFailure.refused(
                                "ports: none is free in " + first + "-" + last,
                                "give another range with --ports"));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The names of all ports of a cluster. */
    public static List<String> namesFor(LocalShape shape) {
        List<String> fixed =
                List.of(
                        "zookeeper",
                        "s3",
                        "ambassador.read-write",
                        "ambassador.read-only",
                        "ambassador.api");
        return Stream.concat(
                        fixed.stream(),
                        shape.memberNames().stream()
                                .flatMap(name -> Stream.of(name + ".postgres", name + ".api")))
                .toList();
    }
}
