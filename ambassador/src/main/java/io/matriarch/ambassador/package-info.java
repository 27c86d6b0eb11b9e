/**
 * The ambassador: a TCP proxy that looks like one PostgreSQL that never moves.
 *
 * <p>It is given views of the cluster and routes by them; it does not read the store itself.
 */
@NullMarked
package io.matriarch.ambassador;

import org.jspecify.annotations.NullMarked;
