package io.matriarch.archiver.planning;

import io.matriarch.archiver.repository.WalInventory;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * An object that cannot be used.
 *
 * @param reason what is wrong with it
 * @param isLost whether it is not there, though something else says that it was
 */
public record Damage(String key, String reason, boolean isLost) {

    /** Of an object that is there. */
    public Damage(String key, String reason) {
        this(key, reason, false);
    }

    /**
     * Histories that are not there though WAL of their timelines is. A timeline that another one's
     * history tells of needs none: nothing ends on it. Beginnings of segments do not count, for
     * they bear the number of the timeline that was left.
     *
     * @param key the history's own
     * @param known histories that could be read
     * @param there timelines whose history is there, readable or not
     */
    public static List<Damage> lostHistories(
            Function<TimelineId, String> key,
            WalInventory wal,
            Collection<TimelineHistory> known,
            Collection<TimelineId> there) {
        return wal.ranges().keySet().stream()
                .filter(timeline -> !timeline.equals(TimelineId.FIRST))
                .filter(timeline -> !there.contains(timeline))
                .filter(timeline -> known.stream().allMatch(it -> it.leftAt(timeline).isEmpty()))
                .map(timeline ->
                        new Damage(
                                key.apply(timeline),
                                "missing, though the archive has WAL of timeline " + timeline,
                                true))
                .toList();
    }

    boolean isHistory() {
        return key.contains(".history");
    }

    boolean isHistoryOf(TimelineId timeline) {
        return key.contains("/" + timeline.historyFileName());
    }

    @Override
    public String toString() {
        return "object " + key + ": " + reason;
    }
}
