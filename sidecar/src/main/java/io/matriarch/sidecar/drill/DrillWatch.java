package io.matriarch.sidecar.drill;

import io.matriarch.archiver.drill.DrillReport;
import io.matriarch.archiver.drill.DrillStore;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.sidecar.duty.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Looks now and then for the last drill, wherever it was held, so that it can be asked for. */
public final class DrillWatch implements AutoCloseable {

    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

    private final ObjectStore store;
    private final Supplier<Optional<RepositoryLayout>> layout;
    private final Rounds rounds = new Rounds("drill watch", () -> look(Instant.now()));
    private volatile Optional<DrillReport> last = Optional.empty();
    private Instant lookedAt = Instant.EPOCH;

    /**
     * @param layout empty while it is unknown which cluster this is
     */
    public DrillWatch(ObjectStore store, Supplier<Optional<RepositoryLayout>> layout) {
        this.store = store;
        this.layout = layout;
    }

    public void open() {
        rounds.open();
    }

    /** What was found by the last look. */
    public Optional<DrillReport> last() {
        return last;
    }

    private void look(Instant now) {
        Optional<RepositoryLayout> known = layout.get();
        if (known.isEmpty() || now.isBefore(lookedAt.plus(LOOK_AGAIN))) {
            return;
        }
        lookedAt = now;
        last = new DrillStore(store, known.get()).last();
    }

    @Override
    public void close() {
        rounds.close();
    }
}
