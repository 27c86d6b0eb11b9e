@NullMarked
package io.matriarch.local.plan;

import org.jspecify.annotations.NullMarked;
