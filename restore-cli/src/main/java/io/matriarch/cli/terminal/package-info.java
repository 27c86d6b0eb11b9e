/**
 * What a person sees: tables, amounts in words, progress, and questions that want an answer.
 *
 * <p>Knows nothing of clusters. Colours, bars and questions exist on a terminal only; elsewhere the
 * same is said in plain lines.
 */
@NullMarked
package io.matriarch.cli.terminal;

import org.jspecify.annotations.NullMarked;
