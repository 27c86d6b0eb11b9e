package io.matriarch.elector.cluster;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;

/**
 * A cluster's nodes as ZooKeeper last told of them, kept up to date by watches.
 *
 * <p>All of it is looked at after each change of any node, so what a node says is decoded once for
 * as long as it says so.
 */
final class Picture implements AutoCloseable {

    private final CuratorCache cache;
    private final Map<String, Decoded> decoded = new ConcurrentHashMap<>();

    /**
     * @param zxid of the transaction that wrote it, which no other content of the node shares
     */
    private record Decoded(long zxid, Class<?> type, Optional<?> value, Optional<String> whyNone) {}

    private Picture(CuratorCache cache) {
        this.cache = cache;
    }

    /**
     * Begins to draw.
     *
     * @param root the path that everything lies below
     * @param onChange called on ZooKeeper's own thread
     * @param onWhole called there once the picture is complete
     */
    static Picture begin(
            CuratorFramework curator, String root, Runnable onChange, Consumer<Picture> onWhole) {
        Picture picture = new Picture(CuratorCache.build(curator, root));
        picture.cache
                .listenable()
                .addListener(
                        CuratorCacheListener.builder()
                                .forDeletes(gone -> picture.decoded.remove(gone.getPath()))
                                .forAll((type, before, after) -> onChange.run())
                                .forInitialized(() -> onWhole.accept(picture))
                                .build());
        picture.cache.start();
        return picture;
    }

    /** The node at a path; empty if there is none. */
    Optional<ChildData> node(String path) {
        return cache.get(path);
    }

    /** All nodes below a folder, in the order of their paths. */
    List<ChildData> below(String folder) {
        String prefix = folder + "/";
        return cache.stream()
                .filter(data -> data.getPath().startsWith(prefix))
                .sorted(Comparator.comparing(ChildData::getPath))
                .toList();
    }

    /** What a node says; empty if it is not to be understood as that. */
    <T> Optional<T> read(ChildData node, Class<T> type) {
        return decoded(node, type).value.map(type::cast);
    }

    /** Why a node is not to be understood as that, in words; empty if it is. */
    Optional<String> whyUnreadable(ChildData node, Class<?> type) {
        return decoded(node, type).whyNone;
    }

    private Decoded decoded(ChildData node, Class<?> type) {
        long zxid = node.getStat().getMzxid();
        Decoded known = decoded.get(node.getPath());
        if (known == null || known.zxid != zxid || !known.type.equals(type)) {
            Optional<?> value = ClusterJson.read(node.getData(), type);
            Optional<String> whyNone =
                    value.isPresent()
                            ? Optional.empty()
                            : ClusterJson.whyUnreadable(node.getData(), type);
            known = new Decoded(zxid, type, value, whyNone);
            decoded.put(node.getPath(), known);
        }
        return known;
    }

    @Override
    public void close() {
        cache.close();
    }
}
