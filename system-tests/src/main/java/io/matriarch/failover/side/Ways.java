package io.matriarch.failover.side;

import io.matriarch.local.plan.Ports;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** For each member a way of its own to each server of ZooKeeper. */
public record Ways(Map<String, List<Relay>> byMember) implements AutoCloseable {

    static Ways lay(List<String> members, Ensemble zooKeeper) {
        Map<String, List<Relay>> ways = new LinkedHashMap<>();
        List<Integer> servers = zooKeeper.clientPorts();
        List<String> names =
                members.stream()
                        .flatMap(member ->
                                IntStream.range(0, servers.size())
                                        .mapToObj(server -> member + server))
                        .toList();
        Map<String, Integer> ports = Ports.parse(Ports.DEFAULT).pick(names, Map.of());
        for (String member : members) {
            ways.put(
                    member,
                    IntStream.range(0, servers.size())
                            .mapToObj(server ->
                                    Relay.to(
                                            servers.get(server),
                                            ports.getOrDefault(member + server, 0)))
                            .toList());
        }
        return new Ways(ways);
    }

    List<Relay> of(String member) {
        return byMember.getOrDefault(member, List.of());
    }

    /** For a client of ZooKeeper. */
    String servers(String member) {
        return of(member).stream().map(Relay::address).collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        byMember.values().forEach(relays -> relays.forEach(Relay::close));
    }
}
