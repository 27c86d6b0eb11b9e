package io.matriarch.postgres.datadir;

import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code backup_label} tells the server that starts on a base backup: where replay has to
 * begin.
 *
 * @param text the file, as the server wrote it
 * @param isFromStandby whether the backup was taken from a server in recovery
 */
public record BackupLabel(String text, Lsn start, TimelineId timeline, boolean isFromStandby) {

    private static final Pattern START =
            Pattern.compile("^START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ", Pattern.MULTILINE);
    private static final Pattern TIMELINE =
            Pattern.compile("^START TIMELINE: ([0-9]+)$", Pattern.MULTILINE);
    private static final Pattern STANDBY =
            Pattern.compile("^BACKUP FROM: standby$", Pattern.MULTILINE);

    private static final Pattern INCREMENTAL =
            Pattern.compile("^INCREMENTAL FROM (?:LSN|TLI): .*\n", Pattern.MULTILINE);

    /** Reads the text that the end of a backup returns. */
    public static BackupLabel parse(String text) {
        return new BackupLabel(
                text,
                Lsn.parse(value(START, "START WAL LOCATION", text)),
                TimelineId.parse(value(TIMELINE, "START TIMELINE", text)),
                STANDBY.matcher(text).find());
    }

    /**
     * The label of a backup that is incremental to another: a server from PostgreSQL 17 on refuses
     * to start on it.
     *
     * @param from where the other's replay begins
     * @param onTimeline which timeline that is on
     */
    public BackupLabel incrementalFrom(Lsn from, TimelineId onTimeline) {
        return new BackupLabel(
                text
                        + "INCREMENTAL FROM LSN: "
                        + from
                        + "\nINCREMENTAL FROM TLI: "
                        + onTimeline.value()
                        + "\n",
                start,
                timeline,
                isFromStandby);
    }

    /** The label of what an incremental backup and those before it have been combined to. */
    public BackupLabel combined() {
        return new BackupLabel(
                INCREMENTAL.matcher(text).replaceAll(""), start, timeline, isFromStandby);
    }

    private static String value(Pattern pattern, String name, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException(
                    "backup_label: " + text + " (expected: a line " + name + ")");
        }
        return matcher.group(1);
    }
}
