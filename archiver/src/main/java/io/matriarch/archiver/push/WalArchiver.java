package io.matriarch.archiver.push;

import io.matriarch.archiver.push.ArchiveStatus.Archived;
import io.matriarch.archiver.push.ArchiveStatus.Mood;
import io.matriarch.archiver.push.ArchiveStatus.Problem;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Pushes what PostgreSQL wants archived, several files ahead, while there is permission; confirms
 * each in the spool once the store has it, durably and compared. {@code archive-wal} waits for
 * nothing else.
 *
 * <p>One thread decides and owns all state; uploads run on threads of their own and report to it.
 * When the store is down, WAL waits and this goes on for as long as it takes: giving up would lose
 * it. Killed at any moment, the next start compares everything that waits with the store again.
 */
public final class WalArchiver implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WalArchiver.class);

    /** Whoever waits rings; this is for a ring that got lost. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    /** How often a file that needs a person is compared again. */
    private static final Duration HELD_UP = Duration.ofSeconds(30);

    /** PostgreSQL asks for the oldest first, so these are the ones that may be taken next. */
    private static final int LOOKED_AT_AGAIN = 16;

    private record Finished(WalName name, Optional<ReadyFiles.Look> look, UploadOutcome outcome) {}

    private final PushSettings settings;
    private final ObjectStore store;
    private final Supplier<Optional<WriterEpoch>> permission;
    private final ReadyFiles ready;
    private final PushSpool spool;
    private final WalUpload upload;

    private final Semaphore bell = new Semaphore(0);
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    private final Set<String> underWay = new HashSet<>();
    private final Map<String, ReadyFiles.Look> confirmed = new HashMap<>();
    private Optional<WalName> heldUp = Optional.empty();
    private Duration pause = FIRST_PAUSE;
    private long notBefore = System.nanoTime();
    private Optional<String> fault = Optional.empty();

    private volatile ArchiveStatus status = ArchiveStatus.BEGINNING;
    private volatile boolean isClosed;
    private @Nullable Thread thread;

    /**
     * @param permission the epoch under which this member may push, asked before each upload; empty
     *     means that nothing may leave
     */
    public WalArchiver(
            PushSettings settings, ObjectStore store, Supplier<Optional<WriterEpoch>> permission) {
        this.settings = settings;
        this.store = store;
        this.permission = permission;
        this.ready = new ReadyFiles(settings.walDirectory());
        this.spool = new PushSpool(settings.spool());
        this.upload = new WalUpload(settings, store, permission);
    }

    /** Begins to work, on a thread of its own. */
    public void start() {
        spool.clear();
        thread = Thread.ofVirtual().name("wal-archiver").start(this::run);
    }

    /** Looks at once: somebody rang. */
    public void wake() {
        bell.release();
    }

    public ArchiveStatus status() {
        return status;
    }

    /**
     * Closes the hole that a dead predecessor has left in the archive, from this member's own log,
     * beside what is archived meanwhile. Creates only; may be repeated, and must be until it is not
     * interrupted any more.
     *
     * @param history of the timeline on which this member became primary
     * @throws StoreException if the store does not answer: then nothing is known
     */
    public BackfillReport backfill(TimelineHistory history, WriterEpoch epoch)
            throws InterruptedException {
        return new Backfill(settings, store, upload).run(history, epoch);
    }

    /** Ends the work; uploads under way are abandoned, and found again by the next start. */
    @Override
    public void close() {
        isClosed = true;
        if (thread != null) {
            thread.interrupt();
            joinUninterrupted(thread);
        }
        upload.close();
    }

    private static void joinUninterrupted(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!isClosed) {
            try {
                cycle();
                fault = Optional.empty();
            } catch (RuntimeException e) {
                report(e);
                postpone();
            }
            try {
                if (bell.tryAcquire(rest().toMillis(), TimeUnit.MILLISECONDS)) {
                    bell.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** What is postponed is not postponed for longer than it was meant to be. */
    private Duration rest() {
        long millis = TimeUnit.NANOSECONDS.toMillis(notBefore - System.nanoTime()) + 1;
        return millis > 0 && millis < LOOK_AGAIN.toMillis()
                ? Duration.ofMillis(millis)
                : LOOK_AGAIN;
    }

    /** Once for each kind: a directory that is gone stays gone for a while. */
    private void report(RuntimeException e) {
        if (!fault.equals(Optional.of(e.toString()))) {
            fault = Optional.of(e.toString());
            log.atError().setCause(e).log("archiver met an unexpected fault");
        }
    }

    /** One look at what waits and what has come back; starts what may start. */
    private void cycle() {
        for (Finished one = finished.poll(); one != null; one = finished.poll()) {
            settle(one);
        }
        List<WalName> waiting = ready.list();
        Set<String> names = new HashSet<>();
        waiting.forEach(name -> names.add(name.text()));
        forgetOld(names);
        Set<String> settled = new HashSet<>(confirmed.keySet());
        settled.addAll(underWay);
        PushPlan plan = PushPlan.of(waiting, settled, heldUp, settings.lanes() - underWay.size());
        publish(waiting.size() - countConfirmed(names), plan);
        if (System.nanoTime() - notBefore >= 0) {
            begin(plan);
        }
    }

    private int countConfirmed(Set<String> names) {
        return (int) names.stream().filter(confirmed::containsKey).count();
    }

    /** Confirmations that were taken, or whose file is another by now. */
    private void forgetOld(Set<String> waiting) {
        confirmed.keySet().retainAll(waiting);
        spool.forgetAllBut(waiting);
        if (heldUp.isPresent() && !waiting.contains(heldUp.get().text())) {
            heldUp = Optional.empty();
        }
        List<String> next = confirmed.keySet().stream().sorted().limit(LOOKED_AT_AGAIN).toList();
        for (String name : next) {
            Optional<ReadyFiles.Look> look = ready.look(WalName.tryParse(name).orElseThrow());
            if (look.isPresent() && !look.get().equals(confirmed.get(name))) {
                spool.withdraw(name);
                confirmed.remove(name);
            }
        }
    }

    private void begin(PushPlan plan) {
        Optional<WriterEpoch> epoch = permission.get();
        if (epoch.isEmpty()) {
            if (underWay.isEmpty()) {
                turn(Mood.NOT_PERMITTED, Optional.empty());
            }
            return;
        }
        if (plan.next().isEmpty()) {
            if (underWay.isEmpty() && heldUp.isEmpty()) {
                turn(Mood.ARCHIVING, Optional.empty());
            }
            return;
        }
        plan.next().forEach(name -> launch(name, epoch.get()));
    }

    private void launch(WalName name, WriterEpoch epoch) {
        underWay.add(name.text());
        Thread.ofVirtual()
                .name("wal-upload-" + name.text())
                .start(() -> {
                    finished.add(attempt(name, epoch));
                    wake();
                });
    }

    /** Comes back whatever happens: a name lost here would never be archived. */
    private Finished attempt(WalName name, WriterEpoch epoch) {
        try {
            // Before the content is read: what changes from here on is seen as a change.
            Optional<ReadyFiles.Look> look = ready.look(name);
            return new Finished(name, look, upload.upload(name, epoch));
        } catch (InterruptedException e) {
            return new Finished(name, Optional.empty(), new UploadOutcome.Forbidden());
        } catch (RuntimeException | Error e) {
            StoreException trouble =
                    new StoreException(
                            "cannot archive " + name.text() + ": " + e,
                            "look at the cause in the log",
                            true,
                            e);
            return new Finished(name, Optional.empty(), new UploadOutcome.Troubled(trouble));
        }
    }

    private void settle(Finished one) {
        String name = one.name().text();
        underWay.remove(name);
        switch (one.outcome()) {
            case UploadOutcome.Archived(long size) -> archived(one, size);
            case UploadOutcome.Conflicting(String reason) ->
                    holdUp(
                            one.name(),
                            Mood.CONFLICT,
                            reason,
                            "nothing was overwritten. Another server writes into this repository,"
                                    + " or this one was set back (a snapshot of its machine?):"
                                    + " find out which holds the truth; if it is this one, give it"
                                    + " another repository URL and take a base backup");
            case UploadOutcome.Damaged(String reason) ->
                    holdUp(
                            one.name(),
                            Mood.CONFLICT,
                            reason,
                            "nothing was overwritten. The object in the archive is damaged, and is"
                                    + " no other history: move that object away, and the file is"
                                    + " pushed again; then look at the store, and take a base"
                                    + " backup, for it may have damaged others");
            case UploadOutcome.Unfit(String reason) ->
                    holdUp(
                            one.name(),
                            Mood.DAMAGED_FILE,
                            reason,
                            "the file in pg_wal is damaged: look at the disk; put the file of the"
                                    + " same name from a standby's pg_wal into its place, if one"
                                    + " has it, and take a new base backup");
            case UploadOutcome.Outdated outdated -> refuse(outdated);
            case UploadOutcome.Troubled(StoreException trouble) -> trouble(trouble);
            case UploadOutcome.Vanished(), UploadOutcome.Forbidden() -> {}
        }
    }

    private void archived(Finished one, long size) {
        String name = one.name().text();
        if (one.look().isEmpty() || !ready.look(one.name()).equals(one.look())) {
            // Another content by now, or gone: it is compared anew if PostgreSQL still asks for it.
            return;
        }
        spool.confirm(name);
        confirmed.put(name, one.look().get());
        if (heldUp.equals(Optional.of(one.name()))) {
            heldUp = Optional.empty();
        }
        pause = FIRST_PAUSE;
        status =
                new ArchiveStatus(
                        status.mood(),
                        Optional.of(new Archived(name, Instant.now())),
                        status.waiting(),
                        status.oldestWaiting(),
                        status.problem());
        if (heldUp.isEmpty()) {
            turn(Mood.ARCHIVING, Optional.empty());
        }
        log.atDebug().addKeyValue("segment", name).addKeyValue("bytes", size).log("archived");
    }

    private void holdUp(WalName name, Mood mood, String reason, String hint) {
        heldUp = Optional.of(name);
        spool.refuse(name.text(), reason);
        notBefore = System.nanoTime() + HELD_UP.toNanos();
        turn(mood, Optional.of(new Problem(Optional.of(name.text()), reason, hint, Instant.now())));
    }

    private void refuse(UploadOutcome.Outdated outdated) {
        postpone();
        turn(
                Mood.OUTDATED_EPOCH,
                Optional.of(
                        new Problem(
                                Optional.empty(),
                                outdated.reason(),
                                "another member has become primary; this one must not archive",
                                Instant.now())));
    }

    private void trouble(StoreException e) {
        postpone();
        if (heldUp.isEmpty()) {
            turn(
                    Mood.STORE_TROUBLE,
                    Optional.of(
                            new Problem(
                                    Optional.empty(),
                                    String.valueOf(e.getMessage()),
                                    e.hint(),
                                    Instant.now())));
        }
    }

    private void postpone() {
        notBefore = System.nanoTime() + pause.toNanos();
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void publish(int waiting, PushPlan plan) {
        status =
                new ArchiveStatus(
                        status.mood(),
                        status.last(),
                        waiting,
                        plan.oldest().flatMap(ready::since),
                        status.problem());
    }

    /** Takes note of how things stand, and says so if it is news. */
    private void turn(Mood mood, Optional<Problem> problem) {
        Mood before = status.mood();
        Optional<Problem> kept =
                before == mood && status.problem().isPresent() ? status.problem() : problem;
        status =
                new ArchiveStatus(
                        mood, status.last(), status.waiting(), status.oldestWaiting(), kept);
        if (before != mood) {
            announce(mood, problem);
        }
    }

    private void announce(Mood mood, Optional<Problem> problem) {
        LoggingEventBuilder event =
                switch (mood) {
                    case NOT_PERMITTED, ARCHIVING -> log.atInfo();
                    case STORE_TROUBLE -> log.atWarn();
                    case OUTDATED_EPOCH, CONFLICT, DAMAGED_FILE -> log.atError();
                };
        if (problem.isPresent()) {
            Problem p = problem.get();
            event =
                    event.addKeyValue("segment", p.name().orElse("-"))
                            .addKeyValue("reason", p.message())
                            .addKeyValue("hint", p.hint());
        }
        event.log(
                switch (mood) {
                    case NOT_PERMITTED -> "archiving rests without permission";
                    case ARCHIVING -> "archiving goes on";
                    case STORE_TROUBLE -> "archiving waits for the store";
                    case OUTDATED_EPOCH -> "archiving refused under an outdated epoch";
                    case CONFLICT -> "archive conflict";
                    case DAMAGED_FILE -> "damaged file not archived";
                });
    }
}
