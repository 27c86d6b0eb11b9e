/**
 * What may be forgotten: a pure plan with a reason for everything, and its execution in an order
 * that leaves no half deleted backup in the catalogue.
 *
 * <p>Whose turn it is to prune is decided elsewhere: only the primary's, and only while its {@link
 * io.matriarch.archiver.retention.Mandate} holds.
 */
@NullMarked
package io.matriarch.archiver.retention;

import org.jspecify.annotations.NullMarked;
