package io.matriarch.elector.simulation.zookeeper;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.simulation.zookeeper.Ensemble.Session;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/** Curator's latch: a numbered node of this session, made anew in the next one. */
final class LatchModel implements Nodes.Latch {

    private static final long LOOK = 20 * VirtualTime.MILLIS;
    private static final long RETRY = 100 * VirtualTime.MILLIS;

    private final ZooKeeperClient client;
    private final Ensemble ensemble;
    private final Lifetime life;
    private final VirtualTime time;

    private boolean isJoined;
    private boolean isMaking;
    private @Nullable String path;
    private @Nullable Session of;

    LatchModel(ZooKeeperClient client, Ensemble ensemble, Lifetime life, VirtualTime time) {
        this.client = client;
        this.ensemble = ensemble;
        this.life = life;
        this.time = time;
    }

    @Override
    public boolean join(Duration patience) throws KeeperException {
        isJoined = true;
        long until = time.now() + patience.toMillis() * VirtualTime.MILLIS;
        if (path == null && !isMaking) {
            make();
        }
        while (isJoined) {
            String own = path;
            if (own != null && own.equals(first())) {
                return true;
            }
            if (time.now() >= until) {
                return false;
            }
            life.sleep(LOOK);
        }
        return false;
    }

    private String name() {
        return client.host().name().value();
    }

    private @Nullable String first() throws KeeperException {
        return client.ask(false, (at, own) -> Optional.of(ensemble.below(at, "latch/"))).stream()
                .flatMap(List::stream)
                .min(Comparator.comparing(p -> p.substring(p.lastIndexOf('-') + 1)))
                .orElse(null);
    }

    private void make() throws KeeperException {
        isMaking = true;
        String[] made = new String[1];
        try {
            Session[] maker = new Session[1];
            String fresh =
                    client.ask(
                            true,
                            (at, own) -> {
                                if (made[0] == null || maker[0] != own) {
                                    maker[0] = own;
                                    made[0] =
                                            ensemble.createNext(
                                                    "latch/" + name() + "-latch-", name(), own);
                                }
                                return made[0];
                            });
            if (isJoined && maker[0] == client.present()) {
                path = fresh;
                of = client.present();
            } else {
                drop(fresh, maker[0]);
            }
        } catch (KeeperException trouble) {
            // What may have been made without an answer is looked for, and removed.
            if (made[0] != null) {
                drop(made[0], client.present());
            }
            throw trouble;
        } finally {
            isMaking = false;
        }
    }

    @Override
    public void leave() {
        isJoined = false;
        String left = path;
        path = null;
        if (left != null) {
            drop(left, of);
        }
    }

    /** In the background, and again until it is done or the session is gone. */
    private void drop(String left, @Nullable Session owner) {
        life.fork(() -> {
            while (owner != null && owner == client.present() && !owner.isExpired()) {
                try {
                    client.delete(left);
                    return;
                } catch (KeeperException again) {
                    life.sleep(RETRY);
                }
            }
        });
    }

    @Override
    public Optional<String> path() {
        return Optional.ofNullable(path);
    }

    /** It is told a moment later, and shows the node of the last session until then. */
    void onNewSession() {
        Session last = of;
        life.fork(() -> {
            life.sleep(client.moment());
            if (path != null && of == last) {
                path = null;
            }
            if (isJoined && path == null && !isMaking) {
                try {
                    make();
                } catch (KeeperException noLatch) {
                    isJoined = false;
                }
            }
        });
    }
}
