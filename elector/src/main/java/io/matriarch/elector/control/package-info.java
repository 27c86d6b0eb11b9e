/**
 * The control directory, seen from the sidecar: records, jobs and bells shared with the supervisor
 * of Postgres. The contract is {@code docs/control-directory.md}.
 *
 * <p>Carries values across; decides nothing.
 */
@NullMarked
package io.matriarch.elector.control;

import org.jspecify.annotations.NullMarked;
