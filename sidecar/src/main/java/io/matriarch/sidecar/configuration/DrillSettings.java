package io.matriarch.sidecar.configuration;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * When this sidecar holds drills, and how.
 *
 * @param schedule {@code daily at HH:MM} in UTC, or {@code never}
 * @param configuration the file that all of this stands in
 * @param programs of PostgreSQL; empty for the usual place
 * @param owner who the restored server runs as; empty for the user of this process
 * @param query what is asked of it; empty for nothing
 * @param settings that hold over those of the cluster
 */
public record DrillSettings(
        Schedule schedule,
        Path configuration,
        Path scratch,
        Optional<Path> programs,
        Optional<String> owner,
        String superuser,
        String moment,
        Optional<String> query,
        String database,
        Map<String, String> settings) {

    /** Beside a server at work, and within a sidecar's memory. */
    private static final int PARALLEL = 2;

    public DrillSettings {
        settings = Map.copyOf(settings);
    }

    public boolean isScheduled() {
        return schedule.at() != null;
    }

    /** The words with which {@code matriarch} holds one. */
    public List<String> arguments() {
        List<String> words = new ArrayList<>();
        words.add("drill");
        words.add("--config=" + configuration);
        words.add("--scratch-dir=" + scratch);
        words.add("--moment=" + moment);
        words.add("--superuser=" + superuser);
        words.add("--jobs=" + PARALLEL);
        programs.ifPresent(it -> words.add("--programs=" + it));
        owner.ifPresent(it -> words.add("--owner=" + it));
        query.ifPresent(it -> {
            words.add("--query=" + it);
            words.add("--database=" + database);
        });
        new TreeMap<>(settings).forEach((name, value) -> words.add("--set=" + name + "=" + value));
        return words;
    }
}
