/**
 * The archive measured beside its peers, in one run on one machine: {@code make bench-archive}.
 * What is measured is the archiver itself, in a process of the sidecar's options, on a plain
 * PostgreSQL server; no elector has a part in it.
 */
@NullMarked
package io.matriarch.benchmark;

import org.jspecify.annotations.NullMarked;
