/**
 * The command that holds a drill. How one is held is the archiver's work; here options become its
 * request, and its report becomes text.
 */
@NullMarked
package io.matriarch.cli.drill;

import org.jspecify.annotations.NullMarked;
