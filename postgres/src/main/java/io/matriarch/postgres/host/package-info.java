/** What every program here asks of the machine it runs on. */
@NullMarked
package io.matriarch.postgres.host;

import org.jspecify.annotations.NullMarked;
