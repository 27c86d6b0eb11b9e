package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.wal.SegmentPages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How far replay has to come: to the end of the plan's last segment, unless it meets its target
 * before. A server takes the first record that it cannot read for the end of the log, whether that
 * is so or a bit was wrong before the segment was archived; so what it has read is held against the
 * plan.
 *
 * <p>It is kept in files beside the script that hands the segments over, because the server may be
 * started by hand, and by a later run.
 */
public final class PlannedEnd {

    /**
     * Two lines: the plan's last segment; and, if replay is to go to its very end, the history that
     * the server asks for when it has come to the end of the log and before it promotes.
     */
    static final String LAST = RestoreFolder.path("last");

    /** The segment that was handed over last. */
    static final String ASKED = RestoreFolder.path("asked");

    /** The plan's last segment, from when on it has been handed over. */
    static final String REACHED = RestoreFolder.path("reached");

    /** A position that replay to the very end surely comes to. */
    static final String CERTAIN = RestoreFolder.path("certain");

    private static final int STEP = 256 << 10;

    private final RestoredFiles files;

    public PlannedEnd(RestoredFiles files) {
        this.files = files;
    }

    void write(RestorePlan plan) throws IOException {
        if (plan.wal().isEmpty()) {
            return;
        }
        String last = plan.wal().getLast().name() + "\n";
        files.write(LAST, isToTheEnd(plan) ? last + promotion(plan) + "\n" : last, "0600");
    }

    private static boolean isToTheEnd(RestorePlan plan) {
        return plan.target() instanceof RestoreTarget.Latest;
    }

    /** It looks for a number that its own new timeline can have, beginning with the next. */
    private static String promotion(RestorePlan plan) {
        return new TimelineId(plan.timeline().value() + 1).historyFileName();
    }

    /**
     * Notes down how far the records of a segment go, if it is the last one.
     *
     * @param file its content
     */
    void look(RestorePlan plan, WalSegment segment, Path file) throws IOException {
        boolean isDecisive =
                isToTheEnd(plan)
                        && segment.equals(plan.wal().getLast())
                        // Of a parent's segment the new timeline has only a beginning.
                        && segment.timeline().equals(plan.timeline());
        if (isDecisive) {
            Optional<Lsn> certain = certain(segment, file);
            files.write(CERTAIN, certain.map(Lsn::toString).orElse("") + "\n", "0600");
        }
    }

    /** What is wrong with a page does not matter here: replay comes to it, and says so. */
    private static Optional<Lsn> certain(WalSegment segment, Path file) throws IOException {
        SegmentPages pages = new SegmentPages(segment);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] step = new byte[STEP];
            int got = in.readNBytes(step, 0, STEP);
            while (got > 0 && pages.next(ByteBuffer.wrap(step, 0, got)).isEmpty()) {
                got = in.readNBytes(step, 0, STEP);
            }
        }
        return pages.certain();
    }

    /** The plan's last segment; empty if there is no plan, or none that needs WAL. */
    public Optional<String> last() {
        return line(LAST);
    }

    /** The timeline on which the plan ends; empty as {@link #last} is. */
    public Optional<TimelineId> timeline() {
        return last().flatMap(WalName::tryParse).map(WalName::timeline);
    }

    /** The segment that the server has read last; empty if it has read none. */
    public Optional<String> asked() {
        return line(ASKED);
    }

    /** Whether the server has read the plan to its last segment. */
    public boolean isReached() {
        return last().isEmpty() || last().equals(line(REACHED));
    }

    /** A position that replay to the very end surely comes to; empty if none is known. */
    public Optional<Lsn> certain() {
        return line(CERTAIN).map(Lsn::parse);
    }

    private Optional<String> line(String path) {
        try {
            Path file = files.place(path);
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            return lines.stream().findFirst().filter(it -> !it.isBlank());
        } catch (IOException e) {
            throw RestoredFiles.trouble(files.place(path), e);
        }
    }
}
