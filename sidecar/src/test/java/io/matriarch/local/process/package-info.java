@NullMarked
package io.matriarch.local.process;

import org.jspecify.annotations.NullMarked;
