/** What a seed stands for: a cluster, and what befalls it. */
@NullMarked
package io.matriarch.elector.simulation.plan;

import org.jspecify.annotations.NullMarked;
