/**
 * Where objects are kept: the contract of a store, behind which there is S3 or a directory.
 *
 * <p>Knows nothing of WAL or backups.
 */
@NullMarked
package io.matriarch.archiver.store;

import org.jspecify.annotations.NullMarked;
