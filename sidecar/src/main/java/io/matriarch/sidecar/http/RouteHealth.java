package io.matriarch.sidecar.http;

/** What the API of an ambassador asks its ambassador. Every answer comes from memory. */
public interface RouteHealth {

    /** Routes, sessions and counters, as JSON text. */
    String routesJson();

    /** Whether new connections are led to a primary now, rather than held. */
    boolean isRouting();
}
