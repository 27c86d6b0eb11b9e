/** Tests of what restore commands say. */
@NullMarked
package io.matriarch.cli.restore;

import org.jspecify.annotations.NullMarked;
