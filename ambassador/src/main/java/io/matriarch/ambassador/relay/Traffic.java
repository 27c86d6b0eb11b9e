package io.matriarch.ambassador.relay;

import java.util.concurrent.atomic.LongAdder;

/** Bytes passed on since the start. */
final class Traffic {

    private final LongAdder toServers = new LongAdder();
    private final LongAdder toClients = new LongAdder();

    LongAdder toServers() {
        return toServers;
    }

    LongAdder toClients() {
        return toClients;
    }
}
