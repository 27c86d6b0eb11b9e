/**
 * The server on a restored directory: it is started, followed until its recovery has ended, and its
 * log is read for why it has not.
 *
 * <p>Here no file of a backup and no WAL is brought; that is the restore's.
 */
@NullMarked
package io.matriarch.archiver.recovery;

import org.jspecify.annotations.NullMarked;
