package io.matriarch.demo;

import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Tells the whole story once. Ends with 0 if every claim held; then nothing is left, neither
 * process nor file. If not, no process is left, and the directory stays to be looked at.
 */
public final class Demo {

    private static final int FAILED = 1;

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
        } catch (OutsideException | SQLException | UncheckedIOException e) {
            failure = String.valueOf(e.getMessage());
        }
        if (!failure.isEmpty()) {
            out.println();
            out.println("The demo failed: " + failure);
            stage.showLogs();
            Runtime.getRuntime().removeShutdownHook(curtain);
            stage.endProcesses();
            account.printTable();
            out.println("What was written is kept for a look: " + stage.root());
            out.flush();
            return FAILED;
        }
        Runtime.getRuntime().removeShutdownHook(curtain);
        stage.remove();
        account.printTable();
        out.println(
                "All of it held, in "
                        + Duration.ofNanos(System.nanoTime() - begun).toSeconds()
                        + " s. Nothing is left running, and no file.");
        out.flush();
        return 0;
    }
}
