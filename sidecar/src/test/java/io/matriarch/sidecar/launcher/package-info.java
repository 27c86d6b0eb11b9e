@NullMarked
package io.matriarch.sidecar.launcher;

import org.jspecify.annotations.NullMarked;
