/** The store in a directory, also one on a network file system. */
@NullMarked
package io.matriarch.archiver.store.directory;

import org.jspecify.annotations.NullMarked;
