/** Tests of verification. */
@NullMarked
package io.matriarch.archiver.verification;

import org.jspecify.annotations.NullMarked;
