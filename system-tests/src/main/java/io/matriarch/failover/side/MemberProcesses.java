package io.matriarch.failover.side;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processes of a member at one moment.
 *
 * @param watching what decides about its Postgres: the sidecar, or Patroni
 * @param starting what may start a postmaster or end one besides; nothing for Patroni
 */
public record MemberProcesses(List<Long> watching, List<Long> starting, ProcessHandle postmaster) {

    public MemberProcesses {
        watching = List.copyOf(watching);
        starting = List.copyOf(starting);
    }

    /**
     * All of them and Postgres's children, once they are stopped. Who could start or end others is
     * stopped before these others are counted, so none is missing.
     */
    public List<Long> stopped() throws InterruptedException {
        List<Long> all = new ArrayList<>(watching);
        all.addAll(starting);
        all.add(postmaster.pid());
        Signals.send("STOP", all);
        List<Long> children = postmaster.descendants().map(ProcessHandle::pid).toList();
        Signals.sendToLiving("STOP", children);
        all.addAll(children);
        return List.copyOf(all);
    }

    /** The walreceiver of a standby. */
    public Optional<Long> walReceiver() {
        return postmaster
                .children()
                .filter(child -> Signals.title(child.pid()).contains("walreceiver"))
                .map(ProcessHandle::pid)
                .findFirst();
    }
}
