/**
 * The tests of the house itself: who may use whom, how large a thing may grow, which words are not
 * used, whether documents hold together. They read classes, sources and files, and run nothing.
 */
@NullMarked
package io.matriarch.tidy;

import org.jspecify.annotations.NullMarked;
