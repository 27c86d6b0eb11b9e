@NullMarked
package io.matriarch.elector.cluster;

import org.jspecify.annotations.NullMarked;
