/**
 * The shell scripts that PostgreSQL calls, and how they come into the control directory.
 *
 * <p>They only wait for words in a spool; who writes these is no business of this package.
 */
@NullMarked
package io.matriarch.archiver.script;

import org.jspecify.annotations.NullMarked;
