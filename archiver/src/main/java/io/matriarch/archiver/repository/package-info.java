/**
 * Names and formats of the repository, as {@code docs/repository-format.md} tells them to users.
 *
 * <p>Pure: nothing here reads or writes. What is uploaded, when, and by whom is not decided here.
 */
@NullMarked
package io.matriarch.archiver.repository;

import org.jspecify.annotations.NullMarked;
