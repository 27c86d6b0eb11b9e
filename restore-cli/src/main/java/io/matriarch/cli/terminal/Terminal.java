package io.matriarch.cli.terminal;

import io.matriarch.cli.CommandFailure;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints: results to {@code out}, and what goes on meanwhile to {@code err}.
 *
 * @param console the person's terminal; absent in a script
 */
public record Terminal(
        PrintWriter out, PrintWriter err, @Nullable Console console, boolean hasColours) {

    private static final int USUAL_WIDTH = 80;

    private static final Set<String> YES = Set.of("y", "yes");

    /** The terminal of a command that runs. */
    public static Terminal of(CommandSpec spec) {
        boolean isTerminal = hasConsole();
        boolean hasColours =
                isTerminal
                        && System.getenv("NO_COLOR") == null
                        && !"dumb".equals(System.getenv("TERM"));
        return new Terminal(
                spec.commandLine().getOut(),
                spec.commandLine().getErr(),
                isTerminal ? System.console() : null,
                hasColours);
    }

    @SuppressWarnings("SystemConsoleNull") // from Java 25 on it is null again without a terminal
    private static boolean hasConsole() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** In which character set standard output is written. */
    public static Charset charset() {
        return Charset.forName(
                System.getProperty("stdout.encoding", Charset.defaultCharset().name()));
    }

    /** How many columns a line may have: what the terminal says, or else the usual. */
    public static int width(CommandSpec spec) {
        String columns = System.getenv("COLUMNS");
        if (columns != null && columns.matches("[1-9][0-9]{0,3}")) {
            return Integer.parseInt(columns);
        }
        return hasConsole() ? spec.usageMessage().autoWidth(true).width() : USUAL_WIDTH;
    }

    public boolean isInteractive() {
        return console != null;
    }

    public String paint(Tone tone, String text) {
        return hasColours ? tone.paint(text) : text;
    }

    public void print(String line) {
        out.println(line);
        out.flush();
    }

    /** Tells what is going on. */
    public void tell(String line) {
        err.println(line);
        err.flush();
    }

    /**
     * Asks before something is done that somebody may regret.
     *
     * @param isAnswered whether the command line has said yes already
     * @throws CommandFailure if the answer is no, or nobody can be asked
     */
    public void confirm(String what, boolean isAnswered) {
        if (isAnswered) {
            return;
        }
        if (console == null) {
            throw CommandFailure.refused(
                    what + ": not confirmed, and there is no terminal to ask on",
                    "add --yes to say yes beforehand");
        }
        String answer = console.readLine("%s Go on? [y/N] ", what + ".");
        if (answer == null || !YES.contains(answer.strip().toLowerCase(Locale.ROOT))) {
            throw CommandFailure.refused("not confirmed; nothing was changed", "");
        }
    }
}
