package io.matriarch.archiver.restore;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.retention.Pruner;
import io.matriarch.archiver.retention.RetentionFacts;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A pruning in a process of its own, which can be killed. It tells of each change on standard
 * output before it makes it, one object at a time.
 */
final class PruneChild {

    static final String CHANGE = "change ";

    private PruneChild() {}

    /**
     * Keeps the newest two.
     *
     * @param arguments store and system identifier
     */
    public static void main(String[] arguments) {
        RepositoryLayout layout =
                new RepositoryLayout(new ClusterName("test"), SystemIdentifier.parse(arguments[1]));
        try (ObjectStore store =
                ObjectStore.open(StoreSettings.of(StoreLocation.parse(arguments[0])))) {
            prune(telling(store), layout);
        }
        System.out.println("done");
    }

    static void prune(ObjectStore store, RepositoryLayout layout) {
        RetentionFacts facts =
                RetentionFacts.of(store, layout, Optional.of(TimelineId.FIRST), Set.of());
        new Pruner(store, layout, () -> {}).prune(facts, RetentionPolicy.keep(2), Instant.now());
    }

    private static ObjectStore telling(ObjectStore store) {
        return (ObjectStore)
                Proxy.newProxyInstance(
                        PruneChild.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("delete")) {
                                for (Object key : (Collection<?>) arguments[0]) {
                                    System.out.println(CHANGE + key);
                                    store.delete(List.of((String) key));
                                }
                                return null;
                            }
                            if (method.getName().equals("putIfAbsent")) {
                                System.out.println(CHANGE + arguments[0]);
                            }
                            return invoke(store, method, arguments);
                        });
    }

    private static Object invoke(ObjectStore store, Method method, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Begins one. */
    static Process begin(Path store, RepositoryLayout layout) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PruneChild.class.getName(),
                        "file://" + store,
                        layout.systemIdentifier().toString())
                .redirectErrorStream(true)
                .start();
    }
}
