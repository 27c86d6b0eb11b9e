package io.matriarch.demo;

import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Tells the whole story once. Ends with 0 if every claim held; then nothing is left, neither
 * process nor file. If not, no process is left, and the directory stays to be looked at.
 */
public final class Demo {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;
    private static final Duration A_MOMENT = Duration.ofMillis(300);

    private Demo() {}

    public static void main(String[] arguments) throws InterruptedException {
        PrintWriter out =
                new PrintWriter(
                        new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        System.exit(tell(out));
    }

    private static int tell(PrintWriter out) throws InterruptedException {
        long begun = System.nanoTime();
        Account account = new Account(out);
        Stage stage = Stage.set(Launcher.here(), out);
        // Until the story ends by itself, Ctrl-C, too, leaves nothing.
        Thread curtain = Thread.ofPlatform().unstarted(stage::clear);
        Runtime.getRuntime().addShutdownHook(curtain);
        String failure = "";
        try {
            new Story(account, stage).tell();
        } catch (OutsideException e) {
            failure = String.valueOf(e.getMessage());
        } catch (SQLException | RuntimeException e) {
            // Whatever it is, nothing may be left running.
            failure = e.toString();
        }
        if (!keepFor(curtain)) {
            return INTERRUPTED;
        }
        return failure.isEmpty() ? succeed(account, stage, begun) : fail(account, stage, failure);
    }

    /**
     * Whether the story ended by itself. Ctrl-C also ends the command that is being waited for, and
     * that may be seen first; so a moment is given to the signal.
     */
    private static boolean keepFor(Thread curtain) throws InterruptedException {
        Thread.sleep(A_MOMENT);
        try {
            return Runtime.getRuntime().removeShutdownHook(curtain);
        } catch (IllegalStateException ending) {
            curtain.join();
            return false;
        }
    }

    private static int succeed(Account account, Stage stage, long begun)
            throws InterruptedException {
        stage.remove();
        account.printTable();
        account.conclude(
                "All of it held, in "
                        + Duration.ofNanos(System.nanoTime() - begun).toSeconds()
                        + " s. Nothing is left running, and no file.");
        return DONE;
    }

    private static int fail(Account account, Stage stage, String failure)
            throws InterruptedException {
        account.conclude("The demo failed: " + failure);
        stage.showLogs();
        stage.endProcesses();
        account.printTable();
        account.conclude("Nothing runs any more. The files are kept for a look: " + stage.root());
        return FAILED;
    }
}
