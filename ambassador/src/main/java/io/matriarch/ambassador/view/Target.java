package io.matriarch.ambassador.view;

import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;

/** A server that a session may be connected to, and as what. */
public sealed interface Target {

    MemberName member();

    Endpoint server();

    /** The primary of an epoch. The session ends with the epoch. */
    record Primary(Epoch epoch, MemberName member, Endpoint server) implements Target {}

    /** A standby. The session lives as long as the server lets it. */
    record Standby(MemberName member, Endpoint server) implements Target {}
}
