package io.matriarch.elector.simulation.model;

import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member's disk: its data directory, those that were set aside, and the marks beside them. */
public final class Disk {

    private static final Path PATH = Path.of("data");

    private final Host host;
    private final World world;
    private final List<Data> asides = new ArrayList<>();

    @Nullable Data data;
    private @Nullable Epoch reign;
    private Repair repair = Repair.NONE;

    Disk(Host host, World world) {
        this.host = host;
        this.world = world;
    }

    public @Nullable Data data() {
        return data;
    }

    public List<Data> asides() {
        return List.copyOf(asides);
    }

    public Repair repair() {
        return repair;
    }

    Data existing() {
        Data present = data;
        if (present == null) {
            throw new IllegalStateException("no data directory on " + host);
        }
        return present;
    }

    /** The files, as a process of this life uses them: each write takes its time. */
    OwnFiles files(Lifetime life) {
        return new OwnFiles() {
            @Override
            public Path path() {
                return PATH;
            }

            @Override
            public boolean isEmpty() {
                return data == null;
            }

            @Override
            public Optional<ControlFile> controlFile() {
                return Optional.ofNullable(data).map(Data::controlFile);
            }

            @Override
            public Optional<TimelineHistory> history(TimelineId timeline) {
                if (timeline.equals(TimelineId.FIRST)) {
                    return Optional.of(TimelineHistory.of(timeline));
                }
                return Optional.ofNullable(data)
                        .map(present -> present.branch.byNumber(timeline))
                        .map(Branch::history);
            }

            @Override
            public void configure(Role role) {
                settle(life);
                existing().configured = role;
            }

            @Override
            public void adopt() {
                settle(life);
            }

            @Override
            public List<String> initdb() {
                return List.of("initdb");
            }

            @Override
            public List<String> rewind(Endpoint source) {
                return List.of("pg_rewind", source.host());
            }

            @Override
            public List<String> copy(Endpoint source) {
                return List.of("pg_basebackup", source.host());
            }
        };
    }

    private void settle(Lifetime life) {
        life.sleep(world.chance().between(50, 1500));
    }

    Marks marks(Lifetime life) {
        return new MarksBeside(life);
    }

    private final class MarksBeside implements Marks {

        private final Lifetime life;

        MarksBeside(Lifetime life) {
            this.life = life;
        }

        @Override
        public Optional<Epoch> reign() {
            return Optional.ofNullable(reign);
        }

        @Override
        public void noteReign(Epoch epoch) {
            settle(life);
            reign = epoch;
        }

        @Override
        public Repair repair() {
            return repair;
        }

        @Override
        public void noteRepair(Repair next) {
            settle(life);
            repair = next;
        }

        @Override
        public void noteStandby() {
            settle(life);
            repair = Repair.NONE;
            settle(life);
            reign = null;
        }

        @Override
        public void noteSound() {
            settle(life);
            repair = Repair.NONE;
        }

        @Override
        public void setAside(Path directory) {
            settle(life);
            Data moved = data;
            if (moved != null) {
                asides.add(moved);
                data = null;
            }
        }

        @Override
        public void removeAsides() {
            settle(life);
            for (Data removed : asides()) {
                world.tell(witness -> witness.onRemoved(host, removed));
            }
            asides.clear();
        }

        @Override
        public boolean hasAsides() {
            return !asides.isEmpty();
        }
    }
}
