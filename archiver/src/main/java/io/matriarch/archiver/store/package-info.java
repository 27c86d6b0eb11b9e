/**
 * Where objects are kept: S3, or a directory, behind one narrow contract.
 *
 * <p>Knows nothing of WAL or backups. The only user of the AWS SDK.
 */
@NullMarked
package io.matriarch.archiver.store;

import org.jspecify.annotations.NullMarked;
