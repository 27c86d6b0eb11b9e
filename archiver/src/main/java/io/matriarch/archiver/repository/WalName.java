package io.matriarch.archiver.repository;

import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a file that PostgreSQL archives is, going by its name. */
public sealed interface WalName {

    Pattern PARTIAL = Pattern.compile("[0-9A-F]{24}\\.partial");
    Pattern BACKUP_LABEL = Pattern.compile("[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup");
    Pattern HISTORY = Pattern.compile("[0-9A-F]{8}\\.history");
    Pattern SEGMENT = Pattern.compile("[0-9A-F]{24}");

    TimelineId timeline();

    /** The file's name. */
    String text();

    /** A whole segment. */
    record Segment(TimelineId timeline, String text) implements WalName {

        public static Segment of(WalSegment segment) {
            return new Segment(segment.timeline(), segment.name());
        }
    }

    /** The last segment of a timeline that was left; what follows its valid part is not WAL. */
    record Partial(TimelineId timeline, String text) implements WalName {

        /** The name of the segment that this is the beginning of. */
        public String segmentName() {
            return text.substring(0, 24);
        }
    }

    /** The label that a base backup leaves in the log. */
    record BackupLabel(TimelineId timeline, String text) implements WalName {}

    /** The ancestry of a timeline. */
    record History(TimelineId timeline) implements WalName {

        @Override
        public String text() {
            return timeline.historyFileName();
        }
    }

    /** What a name means; empty if PostgreSQL gives no file such a name. */
    static Optional<WalName> tryParse(String text) {
        if (text.length() < 8
                || text.startsWith("00000000")
                || !HISTORY.matcher(text.substring(0, 8) + ".history").matches()) {
            return Optional.empty();
        }
        TimelineId timeline = TimelineId.parseHex(text.substring(0, 8));
        if (SEGMENT.matcher(text).matches()) {
            return Optional.of(new Segment(timeline, text));
        }
        if (PARTIAL.matcher(text).matches()) {
            return Optional.of(new Partial(timeline, text));
        }
        if (BACKUP_LABEL.matcher(text).matches()) {
            return Optional.of(new BackupLabel(timeline, text));
        }
        return HISTORY.matcher(text).matches()
                ? Optional.of(new History(timeline))
                : Optional.empty();
    }
}
