package io.matriarch.archiver.store;

import java.util.Optional;

/** Keys for S3, given explicitly; without them the SDK's own chain is asked. */
public record StoreCredentials(
        String accessKeyId, Secret secretAccessKey, Optional<Secret> sessionToken) {

    /** A text that must not be seen: it shows itself only to who asks for it by name. */
    public record Secret(String reveal) {

        @Override
        public String toString() {
            return "(secret)";
        }
    }

    public static StoreCredentials of(String accessKeyId, String secretAccessKey) {
        return new StoreCredentials(accessKeyId, new Secret(secretAccessKey), Optional.empty());
    }
}
