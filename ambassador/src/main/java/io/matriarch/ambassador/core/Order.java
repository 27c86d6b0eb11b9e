package io.matriarch.ambassador.core;

/** An effect and the connection it is for. Orders for one connection are carried out in order. */
public record Order(ConnectionId connection, ConnectionEffect effect) {}
