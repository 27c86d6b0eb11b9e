package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.HoldSettings;
import io.matriarch.ambassador.core.RampSettings;
import io.matriarch.ambassador.core.Timeouts;

/** Everything the relay and the switchboard it drives need. */
public record RelaySettings(
        ListenSettings listen,
        SocketSettings socket,
        HoldSettings hold,
        Timeouts timeouts,
        RampSettings ramp) {}
