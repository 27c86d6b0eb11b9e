package io.matriarch.archiver.store;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;

/** Sends one request, with the store's patience. */
@FunctionalInterface
interface S3Caller {

    /**
     * @param expected turns faults that are answers into answers
     * @throws StoreException for all others
     */
    <T> T call(String act, Supplier<T> request, Function<SdkException, Optional<T>> expected);
}
