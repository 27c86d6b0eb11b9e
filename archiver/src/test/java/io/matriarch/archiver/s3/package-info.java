/**
 * Servers for tests: a double of S3 that keeps to what Amazon's documentation says, and a proxy
 * that breaks the connection to any server on demand.
 */
@NullMarked
package io.matriarch.archiver.s3;

import org.jspecify.annotations.NullMarked;
