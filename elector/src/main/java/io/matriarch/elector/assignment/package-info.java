/**
 * Which member does what the cluster was asked to do, where any of several could: pure, with a
 * reason for everything.
 */
@NullMarked
package io.matriarch.elector.assignment;

import org.jspecify.annotations.NullMarked;
