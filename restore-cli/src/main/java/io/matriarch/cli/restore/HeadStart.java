package io.matriarch.cli.restore;

import io.matriarch.archiver.catalogue.DataFolder;
import io.matriarch.archiver.catalogue.FileManifest;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM load what a restore will need, on a thread of its own, while the arguments are still
 * read: that is a tenth of a second less until the first byte is fetched. Nothing leaves this
 * process, and nothing depends on its end.
 */
public final class HeadStart {

    /** Nobody is asked: a store is opened without a word to it. */
    private static final String SOME_BUCKET =
            "s3://bucket/prefix?endpoint=https://127.0.0.1:1&path-style=true&region=us-east-1";

    private HeadStart() {}

    /**
     * @param arguments of a restore
     */
    public static void take(List<String> arguments) {
        boolean isInBucket = arguments.stream().anyMatch(argument -> argument.contains("s3://"));
        Thread.ofPlatform().daemon().name("head-start").start(() -> loadQuietly(isInBucket));
    }

    private static void loadQuietly(boolean isInBucket) {
        Logger log = LoggerFactory.getLogger(HeadStart.class);
        try {
            load(isInBucket);
        } catch (IOException | RuntimeException e) {
            log.atDebug().setCause(e).log("no head start");
        }
    }

    static void load(boolean isInBucket) throws IOException {
        if (isInBucket) {
            openBucket();
        }
        readManifest();
    }

    private static void openBucket() {
        ObjectStore.open(
                        StoreSettings.of(StoreLocation.parse(SOME_BUCKET))
                                .withCredentials(StoreCredentials.of("key", "secret")))
                .close();
    }

    private static void readManifest() throws IOException {
        ManifestEntry file =
                new ManifestEntry("base/1", 1, "0600", Instant.EPOCH, "00000000", "bundle", 0);
        FileManifest manifest =
                new FileManifest(
                        1, List.of(new DataFolder("base", "0700")), seen -> seen.accept(file));
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        manifest.writeTo(stored);
        FileManifest.read(new ByteArrayInputStream(stored.toByteArray()), _ -> {});
    }
}
