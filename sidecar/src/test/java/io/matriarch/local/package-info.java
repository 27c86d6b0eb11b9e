@NullMarked
package io.matriarch.local;

import org.jspecify.annotations.NullMarked;
