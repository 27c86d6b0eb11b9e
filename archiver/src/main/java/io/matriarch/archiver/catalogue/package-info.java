/**
 * What base backups there are, and what each consists of: the records behind {@code backup.json}
 * and {@code manifest.json.zst}, and the listing of them.
 *
 * <p>Reads only. Writing is the business of {@code backup}, deleting that of {@code retention}.
 */
@NullMarked
package io.matriarch.archiver.catalogue;

import org.jspecify.annotations.NullMarked;
