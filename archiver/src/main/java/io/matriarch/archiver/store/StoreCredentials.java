package io.matriarch.archiver.store;

import java.util.Optional;

/** Keys for S3, given explicitly; without them the SDK's own chain is asked. */
public record StoreCredentials(
        String accessKeyId, Secret secretAccessKey, Optional<Secret> sessionToken) {

    public static StoreCredentials of(String accessKeyId, String secretAccessKey) {
        return new StoreCredentials(accessKeyId, new Secret(secretAccessKey), Optional.empty());
    }
}
