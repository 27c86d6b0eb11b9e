package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an archive is the cluster's own, asked before anything of it is believed: a copy of a
 * cluster has other WAL under the same names. A claim never changes, so it is read once, and again
 * after trouble. May be used by several threads.
 */
final class OwnerCheck {

    /** A young cluster's claim is still to come. */
    private static final Duration DOUBT = Duration.ofMinutes(1);

    private record Answer(Optional<String> doubt, long at) {

        boolean holds() {
            return doubt.isEmpty() || System.nanoTime() - at < DOUBT.toNanos();
        }
    }

    private final Supplier<Optional<String>> look;
    private volatile @Nullable Answer last;

    /**
     * @param look tells why it cannot be told, and throws if the archive is another's
     */
    OwnerCheck(Supplier<Optional<String>> look) {
        this.look = look;
    }

    /**
     * Why it cannot be told; empty if the archive is ours.
     *
     * @throws RepositoryException if it is another's
     * @throws StoreException if the store gives no clean answer
     */
    Optional<String> doubt() {
        Answer answer = last;
        if (answer == null || !answer.holds()) {
            answer = new Answer(look.get(), System.nanoTime());
            last = answer;
        }
        return answer.doubt();
    }

    /** What was answered counts no longer. */
    void forget() {
        last = null;
    }
}
