package io.matriarch.archiver.drill;

import io.matriarch.archiver.catalogue.PackedJson;
import io.matriarch.archiver.catalogue.WholeObject;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the reports of drills in the repository itself, each as an object of its own. */
public final class DrillStore {

    private static final String SUFFIX = ".json.zst";

    /** Of which the oldest are deleted, where that may be done: three months of a daily drill. */
    static final int MOST = 100;

    /** Whoever looks for the last one does not read all that are damaged. */
    private static final int TRIES = 3;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final Logger log = LoggerFactory.getLogger(DrillStore.class);

    private final ObjectStore store;
    private final String folder;

    public DrillStore(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.folder = layout.drillsFolder();
    }

    /** The report of the drill that was begun last, of those that can be read. */
    public Optional<DrillReport> last() {
        return newestFirst().stream().limit(TRIES).flatMap(key -> read(key).stream()).findFirst();
    }

    /** By their names, which begin with the time. */
    private List<String> newestFirst() {
        return store.list(folder).stream()
                .map(ListedObject::key)
                .filter(key -> key.endsWith(SUFFIX))
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private Optional<DrillReport> read(String key) {
        try {
            Optional<byte[]> bytes = WholeObject.read(store, key);
            if (bytes.isEmpty()) {
                return Optional.empty();
            }
            DrillReport report = PackedJson.unpack(bytes.get(), DrillReport.class);
            if (report.format() <= DrillReport.FORMAT) {
                return Optional.of(report);
            }
            log.atWarn()
                    .addKeyValue("object", key)
                    .addKeyValue("format", report.format())
                    .log("the report of a newer version's drill is not known here");
        } catch (IOException | RepositoryException e) {
            tellUnreadable(key, e);
        } catch (StoreException e) {
            // In a directory, one that another user has written: it must not hide the rest.
            if (e.isTransient() && !(e.getCause() instanceof AccessDeniedException)) {
                throw e;
            }
            tellUnreadable(key, e);
        }
        return Optional.empty();
    }

    private static void tellUnreadable(String key, Exception e) {
        log.atWarn()
                .addKeyValue("object", key)
                .setCause(e)
                .log("the report of a drill cannot be read");
    }

    /**
     * Adds one, and deletes those that are too old.
     *
     * @return the object's key
     */
    public String write(DrillReport report) {
        String key =
                "%s%s-%08x%s"
                        .formatted(
                                folder,
                                TIME.format(report.begun()),
                                ThreadLocalRandom.current().nextInt(),
                                SUFFIX);
        store.putIfAbsent(key, Body.of(PackedJson.pack(report)), Metadata.NONE);
        try {
            List<String> old = newestFirst().stream().skip(MOST).toList();
            if (!old.isEmpty()) {
                store.delete(old);
            }
        } catch (StoreException e) {
            // A bucket may refuse deletions: what stays there does no harm.
            log.atDebug().setCause(e).log("old reports of drills cannot be deleted");
        }
        return key;
    }
}
