/**
 * Restores a backup to a moment for nobody's use but to find out whether it can be done, and how
 * long it takes. {@link io.matriarch.archiver.drill.DrillPlanner} says what is restored, {@link
 * io.matriarch.archiver.drill.Arrival} whether the server came where it should, {@link
 * io.matriarch.archiver.drill.DrillRun} does it, and {@link io.matriarch.archiver.drill.DrillStore}
 * keeps the report.
 *
 * <p>How a restore is done, and a server started, is not known here.
 */
@NullMarked
package io.matriarch.archiver.drill;

import org.jspecify.annotations.NullMarked;
