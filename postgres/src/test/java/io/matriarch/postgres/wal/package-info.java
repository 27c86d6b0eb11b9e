@NullMarked
package io.matriarch.postgres.wal;

import org.jspecify.annotations.NullMarked;
