package io.matriarch.ambassador;

import io.matriarch.ambassador.core.HoldSettings;
import io.matriarch.ambassador.core.RampSettings;
import io.matriarch.ambassador.core.Timeouts;
import io.matriarch.ambassador.relay.ListenSettings;
import io.matriarch.ambassador.relay.RelaySettings;
import io.matriarch.ambassador.relay.SocketSettings;
import io.matriarch.ambassador.view.RoutingPolicy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * All settings of an ambassador.
 *
 * @param stateDirectory where the highest epoch is remembered over a restart; absent: nowhere
 */
public record AmbassadorSettings(
        ListenSettings listen,
        SocketSettings socket,
        HoldSettings hold,
        Timeouts timeouts,
        RampSettings ramp,
        RoutingPolicy routing,
        @Nullable Path stateDirectory) {

    /** The defaults, at these addresses. */
    public static AmbassadorSettings on(InetSocketAddress readWrite, InetSocketAddress readOnly) {
        return new AmbassadorSettings(
                ListenSettings.on(readWrite, readOnly),
                SocketSettings.DEFAULT,
                HoldSettings.DEFAULT,
                Timeouts.DEFAULT,
                RampSettings.DEFAULT,
                RoutingPolicy.DEFAULT,
                null);
    }

    public AmbassadorSettings withHold(HoldSettings other) {
        return new AmbassadorSettings(
                listen, socket, other, timeouts, ramp, routing, stateDirectory);
    }

    public AmbassadorSettings withStateDirectory(Path directory) {
        return new AmbassadorSettings(listen, socket, hold, timeouts, ramp, routing, directory);
    }

    RelaySettings relay() {
        return new RelaySettings(listen, socket, hold, timeouts, ramp);
    }
}
