package io.matriarch.archiver.repository;

import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the objects of one cluster lie. Keys are relative to the store's prefix; folders end with a
 * slash.
 */
public record RepositoryLayout(ClusterName cluster, SystemIdentifier systemIdentifier) {

    public static final String COMPRESSED = ".zst";

    /** How the names of pins and tombstones end. */
    public static final String MARK = ".json";

    private static final String WAL = "wal/";
    private static final Pattern BUNDLE_NAME = Pattern.compile("bundle-([0-9]{5,9})\\.tar\\.zst");
    private static final Pattern JOURNAL_NAME =
            Pattern.compile("journal-([0-9]{5,9})\\.json\\.zst");

    private String root() {
        return cluster + "/" + systemIdentifier + "/";
    }

    /** The folder below which system identifiers are folders. */
    public static String clusterFolder(ClusterName cluster) {
        return cluster + "/";
    }

    public String claim() {
        return root() + "claim.json";
    }

    public String epochFolder() {
        return root() + "epochs/";
    }

    /** The mark that a writer's epoch has begun; the names sort as the epochs do. */
    public String epoch(long epoch) {
        return epochFolder() + String.format(Locale.ROOT, "%020d.json", epoch);
    }

    public String walFolder() {
        return root() + WAL;
    }

    public String walFolder(TimelineId timeline) {
        return root() + walName(timeline);
    }

    /** A timeline's folder, relative to the cluster's part. */
    public static String walName(TimelineId timeline) {
        return WAL + timeline.hex() + "/";
    }

    /** Whether a folder, relative to the cluster's part, is a timeline's. */
    public static boolean isWalName(String folder) {
        return folder.startsWith(WAL);
    }

    public String segment(WalSegment segment) {
        return wal(WalName.Segment.of(segment));
    }

    public String history(TimelineId timeline) {
        return wal(new WalName.History(timeline));
    }

    /** Where a file of PostgreSQL's log is kept. */
    public String wal(WalName name) {
        return switch (name) {
            case WalName.Segment(TimelineId timeline, String text) ->
                    walFolder(timeline) + text + COMPRESSED;
            case WalName.Partial(TimelineId timeline, String text) ->
                    walFolder(timeline) + text + COMPRESSED;
            case WalName.BackupLabel(TimelineId timeline, String text) ->
                    walFolder(timeline) + text;
            case WalName.History(TimelineId timeline) -> walFolder() + timeline.historyFileName();
        };
    }

    public String backupsFolder() {
        return root() + "backups/";
    }

    public String pinsFolder() {
        return root() + "pins/";
    }

    /** The mark that a backup must stay. */
    public String pin(BackupId backup) {
        return pinsFolder() + backup + MARK;
    }

    public String tombstonesFolder() {
        return root() + "tombstones/";
    }

    /** The mark that a backup is being deleted. */
    public String tombstone(BackupId backup) {
        return tombstonesFolder() + backup + MARK;
    }

    public String backupFolder(BackupId backup) {
        return root() + backupName(backup);
    }

    /** A backup's folder, relative to the cluster's part. */
    public static String backupName(BackupId backup) {
        return "backups/" + backup + "/";
    }

    /** What was proven of the archive, and when. */
    public String verificationsFolder() {
        return root() + "verifications/";
    }

    /** What restoring it to the test has shown, and when. */
    public String drillsFolder() {
        return root() + "drills/";
    }

    /** The mark that a backup is complete. */
    public String backup(BackupId backup) {
        return backupFolder(backup) + "backup.json";
    }

    /** The digest of the mark, created before it. */
    public String backupSum(BackupId backup) {
        return backup(backup) + ".sha256";
    }

    public String manifest(BackupId backup) {
        return backupFolder(backup) + "manifest.json.zst";
    }

    /** The name of a bundle within its backup's folder, counted from 0. */
    public static String bundleName(int number) {
        return String.format(Locale.ROOT, "bundle-%05d.tar.zst", number);
    }

    public String bundle(BackupId backup, int number) {
        return backupFolder(backup) + bundleName(number);
    }

    /** The number of a bundle's name; -1 if it is another object's. */
    public static int bundleNumber(String name) {
        return number(BUNDLE_NAME, name);
    }

    /** A page of the journal that a run keeps until its backup is complete. */
    public String journal(BackupId backup, int number) {
        return backupFolder(backup) + String.format(Locale.ROOT, "journal-%05d.json.zst", number);
    }

    /** The number of a page's name; -1 if it is another object's. */
    public static int journalNumber(String name) {
        return number(JOURNAL_NAME, name);
    }

    private static int number(Pattern pattern, String name) {
        Matcher matcher = pattern.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
