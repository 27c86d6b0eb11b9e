package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.store.StoreLocation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the repository lies: its URL, and beside it the options of a bucket by the names that they
 * have in the URL.
 */
final class RepositorySection {

    private RepositorySection() {}

    static StoreLocation location(Section root) {
        Section repository = root.section("repository");
        String url = repository.required("url", "s3://bucket/prefix or file:///directory");
        Map<String, String> options = new LinkedHashMap<>(repository.all());
        options.remove("url");
        options.remove(EncryptionSection.NAME);
        try {
            return StoreLocation.parse(url, options);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("repository: " + e.getMessage(), e);
        }
    }
}
