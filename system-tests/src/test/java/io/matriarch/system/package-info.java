/**
 * The whole product as real processes, started by the launcher and hurt on purpose: what users were
 * promised, line by line.
 */
@NullMarked
package io.matriarch.system;

import org.jspecify.annotations.NullMarked;
