/** Tests of bundles. */
@NullMarked
package io.matriarch.archiver.bundle;

import org.jspecify.annotations.NullMarked;
