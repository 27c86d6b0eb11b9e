package io.matriarch.archiver.bundle;

import io.matriarch.archiver.catalogue.ManifestEntry;
import java.util.List;

/**
 * What one writing of a bundle put into it.
 *
 * @param entries with the bundle's name still empty: that is known when the store has confirmed it
 * @param size in bytes, compressed
 * @param sha256 of the compressed bytes
 */
public record BundleContent(
        List<ManifestEntry> entries,
        List<PageVerification.Suspect> suspects,
        long size,
        String sha256) {

    public BundleContent {
        entries = List.copyOf(entries);
        suspects = List.copyOf(suspects);
    }
}
