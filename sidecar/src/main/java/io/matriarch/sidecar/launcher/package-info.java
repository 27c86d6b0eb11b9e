/**
 * The program {@code matriarch}: which subcommands there are, how a failure is told to a person,
 * and with which status the process ends.
 *
 * <p>No command does its work here; each lives with its subject.
 */
@NullMarked
package io.matriarch.sidecar.launcher;

import org.jspecify.annotations.NullMarked;
