package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.RoutingTable;
import io.matriarch.postgres.BootTime;

/** What is true while an event is looked at. */
public record Moment(RoutingTable table, BootTime now) {}
