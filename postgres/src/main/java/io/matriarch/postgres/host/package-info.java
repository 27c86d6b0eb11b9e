/** What every program here asks of its machine: the boot clock, and files that stay whole. */
@NullMarked
package io.matriarch.postgres.host;

import org.jspecify.annotations.NullMarked;
