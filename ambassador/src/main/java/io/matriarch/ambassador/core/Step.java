package io.matriarch.ambassador.core;

import java.util.List;

/** What a connection becomes, and what has to be done for that, in this order. */
public record Step(ConnectionState state, List<ConnectionEffect> effects) {

    public Step {
        effects = List.copyOf(effects);
    }

    static Step to(ConnectionState state, ConnectionEffect... effects) {
        return new Step(state, List.of(effects));
    }
}
