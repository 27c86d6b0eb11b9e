/**
 * Questions and orders to a running server, over JDBC.
 *
 * <p>The only user of JDBC. Each class is one conversation; none keeps a pool.
 */
@NullMarked
package io.matriarch.postgres.sql;

import org.jspecify.annotations.NullMarked;
