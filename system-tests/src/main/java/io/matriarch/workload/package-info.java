/**
 * Clients that remember what they were promised: the yardstick of every fault test and of the demo.
 */
@NullMarked
package io.matriarch.workload;

import org.jspecify.annotations.NullMarked;
