/**
 * A running Postgres as SQL shows it: questions and orders over JDBC, which has no other user.
 *
 * <p>Each class is one conversation; none keeps a pool. Every call has a deadline; an answer that
 * does not come is an {@link io.matriarch.postgres.sql.ServerException}.
 */
@NullMarked
package io.matriarch.postgres.sql;

import org.jspecify.annotations.NullMarked;
