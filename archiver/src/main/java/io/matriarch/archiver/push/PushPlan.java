package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.WalName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to push next, in order: histories first, since others follow a new timeline by them; then
 * segments from the oldest on, as PostgreSQL asks for them.
 *
 * @param next at most as many as there are free lanes
 * @param oldest what has waited at the front of the order; empty if nothing waits
 */
record PushPlan(List<WalName> next, Optional<WalName> oldest) {

    private static final Comparator<WalName> ORDER =
            Comparator.comparing((WalName name) -> !(name instanceof WalName.History))
                    .thenComparing(WalName::text);

    PushPlan {
        next = List.copyOf(next);
    }

    /**
     * Plans.
     *
     * @param waiting all that PostgreSQL wants archived
     * @param settled names that are confirmed, or on their way
     * @param heldUp a file that cannot be archived: nothing else is pushed beside it, as what
     *     follows may belong to another writer's history
     */
    static PushPlan of(
            Collection<WalName> waiting,
            Set<String> settled,
            Optional<WalName> heldUp,
            int freeLanes) {
        List<WalName> open =
                waiting.stream()
                        .filter(name -> !settled.contains(name.text()))
                        .sorted(ORDER)
                        .toList();
        List<WalName> eligible =
                heldUp.isPresent() ? open.stream().filter(heldUp.get()::equals).toList() : open;
        return new PushPlan(eligible.stream().limit(freeLanes).toList(), open.stream().findFirst());
    }
}
