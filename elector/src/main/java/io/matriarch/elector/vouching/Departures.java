package io.matriarch.elector.vouching;

import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Whose presence has been gone for long. For one thread. */
public final class Departures {

    private final Duration patience;
    private final Map<MemberName, BootTime> missingSince = new HashMap<>();

    public Departures(Duration patience) {
        this.patience = patience;
    }

    /** The members of the electorate that are gone for longer than the patience, as far as seen. */
    public Set<MemberName> look(ClusterView view, BootTime now) {
        ClusterState state = view.state();
        if (state == null || state.electorate() == null) {
            missingSince.clear();
            return Set.of();
        }
        missingSince.keySet().retainAll(state.electorate());
        for (MemberName member : state.electorate()) {
            if (view.isLive(member)) {
                missingSince.remove(member);
            } else {
                missingSince.putIfAbsent(member, now);
            }
        }
        return missingSince.entrySet().stream()
                .filter(gone -> now.since(gone.getValue()).compareTo(patience) >= 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
