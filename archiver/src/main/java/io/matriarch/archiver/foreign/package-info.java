/**
 * What WAL-E and WAL-G have left: read, and never written to. Their backups and their log become
 * what a restore is planned from and what it unpacks.
 */
@NullMarked
package io.matriarch.archiver.foreign;

import org.jspecify.annotations.NullMarked;
