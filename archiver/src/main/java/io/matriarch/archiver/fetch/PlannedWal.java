package io.matriarch.archiver.fetch;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.postgres.host.DurableFiles;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the segments that a replay is known to need into a folder, in their order and several at a
 * time, but only so many ahead of the server, which takes them away. A segment that is not there
 * when the server needs it is asked for with a file {@code <name>.want}, which is taken away as a
 * sign that somebody is at work, and answered with the segment or {@code <name>.error}.
 *
 * <p>One thread decides and owns all state; fetching happens on threads of its own. Trouble of the
 * store is waited out for a while, since replay can wait.
 */
public final class PlannedWal implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PlannedWal.class);

    private static final String WANT = ".want";
    private static final String ERROR = ".error";
    private static final String AHEAD = ".ahead";
    private static final Pattern STAGED = Pattern.compile("\\.(.+)" + Pattern.quote(AHEAD));
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int THREADS = 4;

    /** Where segments come from. */
    public interface Source {

        /**
         * Puts a segment into {@code file}, whole, and so that the server may do with it what it
         * likes.
         *
         * @throws StoreException if the store is in trouble, which may pass
         */
        void bring(WalName name, Path file);
    }

    private record Finished(int index, Optional<RuntimeException> trouble) {}

    private final Source source;
    private final List<WalName> plan;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Path folder;
    private final int ahead;
    private final ExecutorService fetchers =
            Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().name("wal-ahead-", 0).daemon().factory());
    private final BlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
    private final Set<Integer> underWay = new HashSet<>();
    private final Set<Integer> ready = new HashSet<>();
    private final Set<Integer> wanted = new HashSet<>();
    private final Map<Integer, RuntimeException> failed = new HashMap<>();
    private int next;

    private volatile Optional<RuntimeException> failure = Optional.empty();
    private volatile boolean isClosed;
    private @Nullable Thread thread;

    /**
     * @param plan in the order of replay
     * @param folder the server reads and writes here
     * @param ahead how many segments may lie there unread
     */
    public PlannedWal(Source source, List<WalName> plan, Path folder, int ahead) {
        if (ahead < 1) {
            throw new IllegalArgumentException("ahead: " + ahead + " (expected: at least 1)");
        }
        this.source = source;
        this.plan = List.copyOf(plan);
        this.folder = folder;
        this.ahead = ahead;
        for (int i = 0; i < plan.size(); i++) {
            indexes.put(plan.get(i).text(), i);
        }
    }

    public int ahead() {
        return ahead;
    }

    /** Whether a file is one that lies whole, but not yet under its name. */
    public static boolean isStaged(Path file) {
        Matcher staged = STAGED.matcher(file.getFileName().toString());
        return staged.matches() && WalName.tryParse(staged.group(1)).isPresent();
    }

    /** Begins to work; segments that lie in the folder already count. */
    public void start() {
        for (int i = 0; i < plan.size(); i++) {
            if (Files.exists(file(i))) {
                ready.add(i);
            }
        }
        thread = Thread.ofVirtual().name("planned-wal").start(this::run);
    }

    /** Why the server was told that a segment will not come; empty if it was not. */
    public Optional<RuntimeException> failure() {
        return failure;
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
                Finished one = finished.poll(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                if (one != null) {
                    settle(one);
                }
                cycle();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (isClosed) {
                    return;
                }
                failure = Optional.of(e);
                log.atError().setCause(e).log("WAL cannot be handed to replay");
                return;
            }
        }
    }

    private void cycle() {
        List<Integer> taken = ready.stream().filter(i -> !Files.exists(file(i))).toList();
        taken.forEach(this::passed);
        for (int asked : wants()) {
            wanted.add(asked);
            passed(asked);
            comeBackTo(asked);
            RuntimeException trouble = failed.remove(asked);
            if (trouble != null) {
                refuse(asked, trouble);
            } else if (!ready.contains(asked)) {
                launch(asked);
            }
        }
        while (next < plan.size() && ready.size() + underWay.size() < ahead) {
            if (!ready.contains(next) && !failed.containsKey(next)) {
                launch(next);
            }
            next++;
        }
    }

    /** Replay has come here: what lies before is not asked for again, but for a new beginning. */
    private void passed(int index) {
        if (!Files.exists(file(index))) {
            ready.remove(index);
        }
        for (int before : List.copyOf(ready)) {
            if (before < index) {
                DurableFiles.discard(file(before));
                ready.remove(before);
            }
        }
        next = Math.max(next, index + 1);
    }

    /** What lies too far ahead of a server that begins anew would keep what it needs next away. */
    private void comeBackTo(int asked) {
        next = Math.min(next, asked);
        for (int far : List.copyOf(ready)) {
            if (far > asked + ahead) {
                DurableFiles.discard(file(far));
                ready.remove(far);
            }
        }
    }

    private List<Integer> wants() {
        List<Integer> wants = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + WANT)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                Integer index = indexes.get(name.substring(0, name.length() - WANT.length()));
                // What nobody will bring must not look as if somebody did.
                if (index != null) {
                    DurableFiles.discard(file);
                    wants.add(index);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return wants;
    }

    private void launch(int index) {
        if (underWay.add(index)) {
            fetchers.execute(() -> finished.add(new Finished(index, fetch(index))));
        }
    }

    private void settle(Finished one) {
        underWay.remove(one.index());
        if (one.trouble().isEmpty()) {
            ready.add(one.index());
            wanted.remove(one.index());
        } else if (wanted.contains(one.index())) {
            refuse(one.index(), one.trouble().get());
        } else {
            failed.put(one.index(), one.trouble().get());
        }
    }

    private void refuse(int index, RuntimeException trouble) {
        wanted.remove(index);
        failure = Optional.of(trouble);
        try {
            Path answer = folder.resolve(plan.get(index).text() + ERROR);
            WholeFiles.replace(answer, trouble.getMessage() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<RuntimeException> fetch(int index) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Duration pause = Duration.ofMillis(100);
        while (true) {
            try {
                return fetchOnce(index);
            } catch (StoreException e) {
                if (!e.isTransient() || System.nanoTime() - deadline > 0 || !pause(pause)) {
                    return Optional.of(e);
                }
                pause = pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            } catch (RuntimeException e) {
                return Optional.of(e);
            }
        }
    }

    private Optional<RuntimeException> fetchOnce(int index) {
        WalName name = plan.get(index);
        Path staged = folder.resolve("." + name.text() + AHEAD);
        source.bring(name, staged);
        try {
            Files.move(staged, file(index), StandardCopyOption.ATOMIC_MOVE);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new UncheckedIOException(e));
        }
    }

    private static boolean pause(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path file(int index) {
        return folder.resolve(plan.get(index).text());
    }
}
