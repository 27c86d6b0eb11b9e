@NullMarked
package io.matriarch.elector.observation;

import org.jspecify.annotations.NullMarked;
