package io.matriarch.archiver.store;

import java.time.Duration;
import java.util.Optional;

/**
 * Which store, and how long to wait for it.
 *
 * @param credentials for S3; empty means the SDK's chain (environment, profile, instance role)
 * @param patience how long a call that met a passing fault is tried again
 * @param attemptTimeout how long one request may take that carries little
 */
public record StoreSettings(
        StoreLocation location,
        Optional<StoreCredentials> credentials,
        Duration patience,
        Duration attemptTimeout) {

    public StoreSettings {
        if (patience.isNegative() || !attemptTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "store patience and attempt timeout: "
                            + patience
                            + ", "
                            + attemptTimeout
                            + " (expected: not negative, and more than zero)");
        }
    }

    public static StoreSettings of(StoreLocation location) {
        BucketOptions options =
                switch (location) {
                    case StoreLocation.Bucket bucket -> bucket.options();
                    case StoreLocation.Directory _ -> BucketOptions.NONE;
                };
        return new StoreSettings(
                location, Optional.empty(), options.patience(), options.requestTimeout());
    }

    public StoreSettings withCredentials(StoreCredentials explicit) {
        return new StoreSettings(location, Optional.of(explicit), patience, attemptTimeout);
    }

    public StoreSettings withPatience(Duration other) {
        return new StoreSettings(location, credentials, other, attemptTimeout);
    }
}
