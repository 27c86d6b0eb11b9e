package io.matriarch.archiver.drill;

import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.postgres.Lsn;
import java.util.Optional;
import java.util.regex.Pattern;

/** To which moment a drill restores. */
public sealed interface DrillMoment {

    /** What {@link #parse} reads. */
    String TEXTS = "random, latest, a time such as '2026-11-21 08:30:00Z', or a position";

    /** One that the seed draws from all that lie behind the backup. */
    record Drawn(long seed) implements DrillMoment {}

    /** One that somebody names. */
    record Named(RestoreTarget target) implements DrillMoment {}

    /**
     * Reads one.
     *
     * @param seed for one that is drawn
     * @throws IllegalArgumentException if it is none
     */
    static DrillMoment parse(String text, long seed) {
        return switch (text) {
            case "random" -> new Drawn(seed);
            case "latest" -> new Named(new RestoreTarget.Latest());
            default ->
                    new Named(
                            Position.TEXT.matcher(text).matches()
                                    ? new RestoreTarget.AtLsn(Lsn.parse(text), true)
                                    : RestoreTarget.parseTime(text, true));
        };
    }

    /** The seed, if it is drawn. */
    default Optional<Long> drawnBy() {
        return switch (this) {
            case Drawn(long seed) -> Optional.of(seed);
            case Named _ -> Optional.empty();
        };
    }

    /** Whether a whole archive that has a backup has this moment, too. */
    default boolean isAlwaysReachable() {
        return switch (this) {
            case Drawn _ -> true;
            case Named(RestoreTarget target) -> target instanceof RestoreTarget.Latest;
        };
    }

    /** How a position is told from a time. */
    final class Position {

        private static final Pattern TEXT = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");

        private Position() {}
    }
}
