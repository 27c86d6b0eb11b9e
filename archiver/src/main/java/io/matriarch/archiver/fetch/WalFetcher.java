package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code fetch-wal}: fetches what is asked for, and, once a server replays one segment
 * after another, the following ones before they are asked for.
 *
 * <p>One thread decides and owns all state; fetching happens on a few threads of its own. Timelines
 * above the committed one are never shown: a history that somebody left in the archive must not
 * lead a standby astray. Nor is anything believed of an archive that another has claimed, not even
 * that a file is absent.
 */
public final class WalFetcher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WalFetcher.class);

    /** Whoever asks rings; this is for a ring that got lost. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** How an attempt to fetch ended. */
    private sealed interface Ending {
        /**
         * @param doubt why it cannot be told whose archive it is
         */
        record Answered(FetchOutcome outcome, Optional<String> doubt) implements Ending {}

        record Failed(String reason) implements Ending {}
    }

    private record Finished(WalName name, int life, Ending ending) {}

    private final ArchivedWal archive;
    private final OwnerCheck owner;
    private final Supplier<TimelineId> committedTimeline;
    private final FetchSpool spool;
    private final ExecutorService fetchers;
    private final Semaphore bell = new Semaphore(0);
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    private final Set<WalName> underWay = new HashSet<>();
    private final Set<WalName> aheadReady = new HashSet<>();
    private Prefetch prefetch;
    private Optional<String> fault = Optional.empty();
    private Optional<String> lastDoubt = Optional.empty();

    private volatile FetchStatus status = FetchStatus.BEGINNING;
    private volatile boolean isClosed;
    private @Nullable Thread thread;

    /**
     * @param owner the cluster's name for itself, in which its archive is claimed
     * @param committedTimeline the highest timeline that the cluster has agreed on
     */
    public WalFetcher(
            FetchSettings settings,
            ArchivedWal archive,
            Supplier<String> owner,
            Supplier<TimelineId> committedTimeline) {
        this.archive = archive;
        this.owner = new OwnerCheck(() -> archive.checkOwner(owner.get()));
        this.committedTimeline = committedTimeline;
        this.spool = new FetchSpool(settings.spool());
        int depth = settings.depth(archive.segmentSize());
        this.prefetch = Prefetch.nothing(depth);
        this.fetchers =
                Executors.newFixedThreadPool(
                        depth + 1, Thread.ofPlatform().name("wal-fetch-", 0).daemon().factory());
    }

    /** Empties the spool, and begins to work on a thread of its own. */
    public void start() {
        spool.clear();
        thread = Thread.ofVirtual().name("wal-fetcher").start(this::run);
    }

    /**
     * The data directory is another one now: what was fetched for its predecessor is thrown away,
     * also what is on its way. When this returns, nothing of it can be handed out.
     */
    public void forget() {
        spool.clear();
        wake();
    }

    /** Looks at once: somebody rang. */
    public void wake() {
        bell.release();
    }

    public FetchStatus status() {
        return status;
    }

    /** Interrupts what is still being fetched and waits for it: nothing is written afterwards. */
    @Override
    public void close() {
        isClosed = true;
        FetchThreads.end(thread, fetchers);
    }

    private void run() {
        while (!isClosed) {
            try {
                cycle();
                fault = Optional.empty();
            } catch (RuntimeException e) {
                report(e);
            }
            try {
                if (bell.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    bell.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Once for each kind: a spool that is gone stays gone for a while. */
    private void report(RuntimeException e) {
        if (!fault.equals(Optional.of(e.toString()))) {
            fault = Optional.of(e.toString());
            log.atError().setCause(e).log("fetcher met an unexpected fault");
        }
    }

    private void cycle() {
        for (Finished one = finished.poll(); one != null; one = finished.poll()) {
            settle(one);
        }
        FetchSpool.Content content = spool.look();
        noteTaken(content.files());
        content.wants().forEach(name -> serve(name, content.files()));
        for (WalName name : prefetch.useless(content.files(), archive.segmentSize())) {
            spool.discard(name);
            aheadReady.remove(name);
        }
        for (WalSegment segment : prefetch.ahead()) {
            WalName name = WalName.Segment.of(segment);
            if (!isHidden(name) && !content.files().contains(name)) {
                launch(name);
            }
        }
    }

    /**
     * What lay ready and is gone was taken; a script that finds its file at once need not be seen.
     */
    private void noteTaken(Set<WalName> files) {
        List<WalName> taken =
                aheadReady.stream()
                        .filter(name -> !files.contains(name))
                        .sorted(Comparator.comparing(WalName::text))
                        .toList();
        for (WalName name : taken) {
            aheadReady.remove(name);
            segment(name).ifPresent(segment -> prefetch = prefetch.taken(segment));
        }
    }

    private void serve(WalName name, Set<WalName> files) {
        segment(name).ifPresent(asked -> prefetch = prefetch.asked(asked));
        if (isHidden(name)) {
            spool.absent(name);
        } else if (files.contains(name)) {
            spool.answered(name);
        } else if (spool.isWanted(name)) {
            launch(name);
        }
    }

    private boolean isHidden(WalName name) {
        return name.timeline().compareTo(committedTimeline.get()) > 0;
    }

    private Optional<WalSegment> segment(WalName name) {
        return WalSegment.tryParse(name.text(), archive.segmentSize());
    }

    private void launch(WalName name) {
        if (underWay.add(name)) {
            int life = spool.life();
            fetchers.execute(() -> {
                finished.add(new Finished(name, life, fetch(name)));
                wake();
            });
        }
    }

    /** Comes back whatever happens: a name lost here would never be answered. */
    private Ending fetch(WalName name) {
        try {
            Optional<String> doubt = owner.doubt();
            FetchOutcome outcome = archive.fetch(name, spool.incoming(name));
            boolean isContradiction =
                    outcome instanceof FetchOutcome.Absent
                            && spool.isWanted(name)
                            && archive.isListed(name);
            return isContradiction
                    ? new Ending.Failed("the store lists " + name.text() + " and does not find it")
                    : new Ending.Answered(outcome, doubt);
        } catch (StoreException e) {
            return new Ending.Failed(e.getMessage() + " (hint: " + e.hint() + ")");
        } catch (RepositoryException e) {
            return new Ending.Failed(e.getMessage() + " (hint: " + e.hint() + ")");
        } catch (FetchException e) {
            return new Ending.Failed(e.getMessage() + " (hint: " + e.hint() + ")");
        } catch (RuntimeException | Error e) {
            log.atError().addKeyValue("segment", name.text()).setCause(e).log("fetching failed");
            return new Ending.Failed(e.toString());
        }
    }

    private void settle(Finished one) {
        WalName name = one.name();
        underWay.remove(name);
        if (one.life() != spool.life()) {
            // Of the predecessor's; who still asks is served anew.
            return;
        }
        boolean isWanted = spool.isWanted(name);
        switch (one.ending()) {
            case Ending.Answered(FetchOutcome.Fetched(long size), var doubt) -> {
                if (!spool.handOver(name, one.life())) {
                    return;
                }
                tell(doubt);
                aheadReady.add(name);
                status =
                        new FetchStatus(
                                Optional.of(name.text()),
                                Optional.of(Instant.now()),
                                Optional.empty());
                log.atDebug()
                        .addKeyValue("segment", name.text())
                        .addKeyValue("bytes", size)
                        .log("fetched");
            }
            case Ending.Answered(FetchOutcome.Absent(), _) -> {
                segment(name).ifPresent(missing -> prefetch = prefetch.endsAt(missing));
                if (isWanted) {
                    spool.absent(name);
                }
                calm();
            }
            case Ending.Failed(String reason) -> {
                owner.forget();
                segment(name).ifPresent(missing -> prefetch = prefetch.endsAt(missing));
                if (isWanted) {
                    spool.fail(name.text(), reason);
                }
                trouble(name, reason);
            }
        }
    }

    /** Only once something comes from there: a young cluster has no claim yet, and no WAL. */
    private void tell(Optional<String> doubt) {
        if (doubt.isPresent() && !doubt.equals(lastDoubt)) {
            log.atWarn()
                    .addKeyValue("reason", doubt.get())
                    .log("WAL is fetched from an archive without a sound claim");
        }
        lastDoubt = doubt;
    }

    private void calm() {
        if (status.problem().isPresent()) {
            status = new FetchStatus(status.last(), status.at(), Optional.empty());
            log.atInfo().log("the archive answers again");
        }
    }

    private void trouble(WalName name, String reason) {
        if (status.problem().isEmpty()) {
            log.atWarn()
                    .addKeyValue("segment", name.text())
                    .addKeyValue("reason", reason)
                    .log("the archive gives no answer");
        }
        status = new FetchStatus(status.last(), status.at(), Optional.of(reason));
    }
}
