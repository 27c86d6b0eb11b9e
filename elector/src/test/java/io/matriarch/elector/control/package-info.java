@NullMarked
package io.matriarch.elector.control;

import org.jspecify.annotations.NullMarked;
