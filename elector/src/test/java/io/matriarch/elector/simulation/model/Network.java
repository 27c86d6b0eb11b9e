package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.time.Chance;
import io.matriarch.elector.simulation.zookeeper.Ensemble;

/**
 * Who reaches whom, and how fast. The parties are the hosts from 0 on, then the servers of
 * ZooKeeper, then the clients as one. A cut drops what is sent; whoever waits finds out by its own
 * patience.
 */
public final class Network {

    private final Chance chance;
    private final int hosts;
    private final int parties;
    private final int[] cuts;
    private final long[] slowness;

    public Network(Chance chance, int hosts) {
        this.chance = chance;
        this.hosts = hosts;
        this.parties = hosts + Ensemble.SERVERS + 1;
        this.cuts = new int[parties * parties];
        this.slowness = new long[parties * parties];
    }

    public int server(int number) {
        return hosts + number;
    }

    public int clients() {
        return hosts + Ensemble.SERVERS;
    }

    public int parties() {
        return parties;
    }

    public boolean isOpen(int from, int to) {
        return cuts[from * parties + to] == 0;
    }

    /** Cuts a direction once more, or joins it if {@code sign} is -1. */
    public void cut(int from, int to, int sign) {
        cuts[from * parties + to] += sign;
    }

    /** Makes every message of this direction so much slower; negative to undo that. */
    public void slow(int from, int to, long micros) {
        slowness[from * parties + to] += micros;
    }

    public long delay(int from, int to) {
        return chance.between(150, 900) + slowness[from * parties + to];
    }
}
