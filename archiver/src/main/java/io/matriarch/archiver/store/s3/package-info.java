/**
 * The store in S3, or in a service that speaks its protocol. The only user of the AWS SDK: its
 * types and failures stay here.
 */
@NullMarked
package io.matriarch.archiver.store.s3;

import org.jspecify.annotations.NullMarked;
