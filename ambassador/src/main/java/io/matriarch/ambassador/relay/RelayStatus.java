package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.SwitchboardStatus;

/** The relay at one moment. */
public record RelayStatus(
        SwitchboardStatus switchboard, long bytesToServers, long bytesToClients) {}
