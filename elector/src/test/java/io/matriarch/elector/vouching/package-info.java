/** Tests of what members vow, and of what rests on it. */
@NullMarked
package io.matriarch.elector.vouching;

import org.jspecify.annotations.NullMarked;
