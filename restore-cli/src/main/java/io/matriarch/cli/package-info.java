/**
 * The commands a person types: {@code restore} and the operator's.
 *
 * <p>One class per command. A command parses its arguments, asks the module that knows, and prints;
 * it decides nothing by itself. What it could not do it throws as a {@link
 * io.matriarch.cli.CommandFailure}; how that looks on a terminal is the launcher's business.
 */
@NullMarked
package io.matriarch.cli;

import org.jspecify.annotations.NullMarked;
