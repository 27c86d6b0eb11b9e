package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.ConnectionEvent;
import io.matriarch.ambassador.core.Port;

/** Where connections report. Never blocks; reports of one connection arrive in order. */
interface Reports {

    void accepted(Connection connection, Port port);

    void report(Connection connection, ConnectionEvent event);
}
