@NullMarked
package io.matriarch.elector.draining;

import org.jspecify.annotations.NullMarked;
