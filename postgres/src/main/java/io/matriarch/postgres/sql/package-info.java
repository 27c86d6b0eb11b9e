/**
 * A running Postgres as SQL shows it: the only user of JDBC.
 *
 * <p>Every call has a deadline; an answer that does not come is an {@link
 * io.matriarch.postgres.sql.ServerException}.
 */
@NullMarked
package io.matriarch.postgres.sql;

import org.jspecify.annotations.NullMarked;
