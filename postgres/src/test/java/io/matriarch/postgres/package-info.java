@NullMarked
package io.matriarch.postgres;

import org.jspecify.annotations.NullMarked;
