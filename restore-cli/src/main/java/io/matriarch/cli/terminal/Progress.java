package io.matriarch.cli.terminal;

import java.time.Duration;
import java.util.Optional;

/**
 * Shows how far long work has come: a bar on a terminal, a line now and then elsewhere. Whoever
 * works only leaves a number here; a thread of its own draws.
 */
public final class Progress implements AutoCloseable {

    private static final int BAR = 30;
    private static final Duration REDRAW = Duration.ofMillis(150);
    private static final Duration LINE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final String what;
    private final TransferRate rate = new TransferRate();
    private final Thread thread;
    private volatile long done;
    private volatile long total;
    private volatile boolean isClosed;

    private Progress(Terminal terminal, String what) {
        this.terminal = terminal;
        this.what = what;
        this.thread = Thread.ofVirtual().name("progress").unstarted(this::run);
    }

    /** Begins to show. */
    public static Progress show(Terminal terminal, String what) {
        Progress progress = new Progress(terminal, what);
        progress.thread.start();
        return progress;
    }

    /** May be called from any thread, in any order. */
    public synchronized void onBytes(long bytesDone, long bytesTotal) {
        total = bytesTotal;
        done = Math.max(done, bytesDone);
    }

    private void run() {
        Duration pause = terminal.isInteractive() ? REDRAW : LINE;
        try {
            while (!isClosed) {
                if (terminal.isInteractive()) {
                    draw();
                }
                Thread.sleep(pause);
                if (!terminal.isInteractive() && !isClosed) {
                    terminal.tell(what + ": " + sample());
                }
            }
        } catch (InterruptedException e) {
            // Closed: what is left to draw is drawn by the closer.
            return;
        }
    }

    private void draw() {
        terminal.err().print("\r" + what + " " + bar(done, total) + " " + sample() + "\u001b[K");
        terminal.err().flush();
    }

    private String sample() {
        rate.add(System.nanoTime(), done);
        return words(done, total, rate.perSecond(), rate.timeFor(total - done));
    }

    static String bar(long done, long total) {
        int filled = total <= 0 ? 0 : (int) (BAR * Math.min(done, total) / total);
        return "[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "]";
    }

    static String words(long done, long total, long perSecond, Optional<Duration> left) {
        if (total <= 0) {
            return "beginning";
        }
        StringBuilder words =
                new StringBuilder()
                        .append(100 * done / total)
                        .append(" %, ")
                        .append(Amounts.bytes(done))
                        .append(" of ")
                        .append(Amounts.bytes(total));
        if (perSecond > 0 && done < total) {
            words.append(", ").append(Amounts.bytes(perSecond)).append("/s");
            left.ifPresent(
                    time -> words.append(", ").append(Amounts.roughly(time)).append(" left"));
        }
        return words.toString();
    }

    @Override
    public void close() {
        isClosed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (terminal.isInteractive()) {
            draw();
            terminal.err().println();
            terminal.err().flush();
        }
    }
}
