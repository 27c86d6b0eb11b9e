package io.matriarch.outside;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ListedObject;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreCredentials;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.local.process.ClusterFile;
import io.matriarch.postgres.SystemIdentifier;
import java.util.List;
import java.util.regex.Pattern;

/** What a cluster's repository holds, by a listing of our own. */
public final class Repository implements AutoCloseable {

    private static final Pattern SEGMENT = Pattern.compile(".*/[0-9A-F]{24}(\\.zst)?");

    private final ObjectStore store;
    private final RepositoryLayout layout;

    private Repository(ObjectStore store, RepositoryLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** The repository of a local cluster, with the credentials that its file tells. */
    public static Repository of(ClusterFile file) {
        StoreSettings settings = StoreSettings.of(StoreLocation.parse(file.repository()));
        String key = file.env().get("AWS_ACCESS_KEY_ID");
        String secret = file.env().get("AWS_SECRET_ACCESS_KEY");
        ObjectStore store =
                ObjectStore.open(
                        key == null || secret == null
                                ? settings
                                : settings.withCredentials(StoreCredentials.of(key, secret)));
        ClusterName name = new ClusterName(file.cluster());
        String system =
                store.listFolders(RepositoryLayout.clusterFolder(name)).stream()
                        .findFirst()
                        .orElseThrow(() ->
                                new OutsideException(
                                        "repository: "
                                                + file.repository()
                                                + " holds nothing of "
                                                + name));
        return new Repository(store, new RepositoryLayout(name, SystemIdentifier.parse(system)));
    }

    /** Objects and their bytes as they are stored. */
    public record Amount(int count, long bytes) {

        private static Amount of(List<ListedObject> objects) {
            return new Amount(objects.size(), objects.stream().mapToLong(ListedObject::size).sum());
        }
    }

    /** Whole WAL segments, of all timelines. */
    public Amount segments() {
        return Amount.of(
                store.list(layout.walFolder()).stream()
                        .filter(object -> SEGMENT.matcher(object.key()).matches())
                        .toList());
    }

    public boolean holdsSegment(String name) {
        return store.list(layout.walFolder()).stream()
                .anyMatch(object -> object.key().contains("/" + name));
    }

    /** The identifiers of the backups that are complete. */
    public List<String> backups() {
        return store.listFolders(layout.backupsFolder()).stream()
                .filter(id -> store.head(layout.backupsFolder() + id + "/backup.json").isPresent())
                .sorted()
                .toList();
    }

    public Amount everything() {
        return Amount.of(store.list(""));
    }

    @Override
    public void close() {
        store.close();
    }
}
