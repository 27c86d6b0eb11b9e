/**
 * Encryption on this side of the store: what leaves is encrypted for recipients, and who has one of
 * their identities can read it. The format is age's ({@code age-encryption.org/v1}), so that a
 * person with {@code age} needs nothing of ours. Knows nothing of stores, names or backups: it
 * turns streams into streams.
 */
@NullMarked
package io.matriarch.archiver.encryption;

import org.jspecify.annotations.NullMarked;
