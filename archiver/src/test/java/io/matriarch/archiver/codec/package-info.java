/** What other tools have packed, and what is wrong with it. */
@NullMarked
package io.matriarch.archiver.codec;

import org.jspecify.annotations.NullMarked;
