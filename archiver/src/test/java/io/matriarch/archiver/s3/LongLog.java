package io.matriarch.archiver.s3;

import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket with a very long log, which is only told of: the segments of the first timeline from
 * number 0 on. Other objects are real.
 */
public final class LongLog extends DoubleBucket {

    private static final int PAGE = 1_000;
    private static final String MODIFIED = "2026-11-21T08:30:00.000Z";

    private final String prefix;
    private final RepositoryLayout layout;
    private final WalSegmentSize size;
    private final long segments;
    private final AtomicInteger pages = new AtomicInteger();
    private final AtomicLong deleted = new AtomicLong();

    /**
     * @param prefix of the store, with a slash
     */
    public LongLog(String prefix, RepositoryLayout layout, WalSegmentSize size, long segments) {
        super(DoubleTraits.AMAZON);
        this.prefix = prefix;
        this.layout = layout;
        this.size = size;
        this.segments = segments;
    }

    /** How many listings of the log were answered since this was asked last. */
    public int pages() {
        return pages.getAndSet(0);
    }

    /** How many segments were deleted, whatever became of them. */
    public long deleted() {
        return deleted.get();
    }

    private String folder() {
        return prefix + layout.walFolder(TimelineId.FIRST);
    }

    private String key(long number) {
        return prefix + layout.segment(new WalSegment(TimelineId.FIRST, number, size));
    }

    @Override
    synchronized DoubleReply list(DoubleRequest request) {
        String wanted = request.query().getOrDefault("prefix", "");
        boolean isOfLog =
                (folder().startsWith(wanted) || wanted.startsWith(folder()))
                        && !request.asks("delimiter");
        if (!isOfLog) {
            return super.list(request);
        }
        pages.incrementAndGet();
        long from =
                request.asks("continuation-token")
                        ? Long.parseLong(request.query().get("continuation-token"))
                        : first(request.query().getOrDefault("start-after", ""));
        long to = Math.min(segments, from + PAGE);
        List<String> shown = new ArrayList<>();
        for (long number = from; number < to; number++) {
            if (key(number).startsWith(wanted)) {
                shown.add(listed(key(number)));
            }
        }
        if (to == segments && folder().startsWith(wanted)) {
            keys().stream()
                    .filter(key -> key.startsWith(wanted))
                    .map(LongLog::listed)
                    .forEach(shown::add);
        }
        return DoubleReply.xml(
                "<ListBucketResult><Name>%s</Name><IsTruncated>%s</IsTruncated>%s%s</ListBucketResult>"
                        .formatted(
                                request.bucket(),
                                to < segments,
                                "<NextContinuationToken>%d</NextContinuationToken>".formatted(to),
                                String.join("", shown)));
    }

    private long first(String after) {
        return after.startsWith(folder())
                ? WalSegment.parse(after.substring(folder().length()), size).number()
                : 0;
    }

    private static String listed(String key) {
        return "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>&quot;1&quot;</ETag><Size>4194304</Size><StorageClass>STANDARD</StorageClass></Contents>"
                .formatted(key, MODIFIED);
    }

    @Override
    synchronized DoubleReply head(DoubleRequest request) {
        return isOfLog(request.key())
                ? DoubleReply.empty(
                        200,
                        Map.of(
                                "ETag",
                                "\"1\"",
                                "Content-Length",
                                "4194304",
                                "Last-Modified",
                                "Sat, 21 Nov 2026 08:30:00 GMT"))
                : super.head(request);
    }

    @Override
    synchronized DoubleReply delete(DoubleRequest request) {
        List<String> keys = DoubleXml.keys(request.body());
        if (keys.stream().noneMatch(this::isOfLog)) {
            return super.delete(request);
        }
        deleted.addAndGet(keys.size());
        List<String> results = new ArrayList<>();
        keys.forEach(key -> results.add("<Deleted><Key>" + key + "</Key></Deleted>"));
        return DoubleReply.xml("<DeleteResult>" + String.join("", results) + "</DeleteResult>");
    }

    private boolean isOfLog(String key) {
        return key.startsWith(folder());
    }
}
