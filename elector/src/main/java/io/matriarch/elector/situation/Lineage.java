package io.matriarch.elector.situation;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;

/**
 * The committed line of the cluster's history: its timeline, and where that left its parent.
 *
 * @param switchedAt zero for the first timeline
 */
public record Lineage(TimelineId timeline, Lsn switchedAt) {}
