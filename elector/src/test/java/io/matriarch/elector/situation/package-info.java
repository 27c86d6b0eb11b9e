@NullMarked
package io.matriarch.elector.situation;

import org.jspecify.annotations.NullMarked;
