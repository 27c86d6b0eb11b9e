package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import java.nio.file.Path;
import java.util.Optional;

/** What a member remembers about its data directory, outside of it; kept over a crash. */
public interface Marks {

    /**
     * Under which epoch this data directory last ran as a primary, if nothing made it a standby
     * since.
     */
    Optional<Epoch> reign();

    void noteReign(Epoch epoch);

    Repair repair();

    /** Notes what must be done before Postgres may run. */
    void noteRepair(Repair repair);

    /** The data directory is that of a sound standby. */
    void noteStandby();

    /** Forgets a repair that turned out not to be needed, and nothing else. */
    void noteSound();

    /** Moves a data directory out of the way, and keeps it until a replacement is proven. */
    void setAside(Path dataDirectory);

    /** Removes what was set aside; called once its replacement streams. */
    void removeAsides();

    boolean hasAsides();
}
