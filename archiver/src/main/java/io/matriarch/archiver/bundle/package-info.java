/**
 * Bundles: files of a running server, as a tar in zstd, on their way into the store.
 *
 * <p>Knows nothing of when a backup begins or ends.
 */
@NullMarked
package io.matriarch.archiver.bundle;

import org.jspecify.annotations.NullMarked;
