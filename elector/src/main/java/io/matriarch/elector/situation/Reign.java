package io.matriarch.elector.situation;

import io.matriarch.postgres.BootTime;

/**
 * The authority that this very process holds, taken by a transaction and kept by renewals.
 *
 * @param deadline until when the last acknowledged renewal permits
 * @param since when the authority was taken
 */
public record Reign(Epoch epoch, BootTime since, BootTime deadline) {}
