/**
 * What contests are held on: a server, stores, the programs that take part, and how they are timed.
 */
@NullMarked
package io.matriarch.benchmark.stage;

import org.jspecify.annotations.NullMarked;
