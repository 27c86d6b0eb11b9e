package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.BootTime;
import io.matriarch.ambassador.view.RoutingTable;

/** What is true while an event is looked at. */
public record Moment(RoutingTable table, BootTime now) {}
