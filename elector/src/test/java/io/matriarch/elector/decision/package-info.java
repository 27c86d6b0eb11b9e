@NullMarked
package io.matriarch.elector.decision;

import org.jspecify.annotations.NullMarked;
