package io.matriarch.cli.terminal;

import io.matriarch.cli.CommandFailure;
import java.io.Console;
import java.io.PrintWriter;
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

    private static final Set<String> YES = Set.of("y", "yes");

    /** The terminal of a command that runs. */
    @SuppressWarnings("SystemConsoleNull") // from Java 25 on it is null again without a terminal
    public static Terminal of(CommandSpec spec) {
        Console console = System.console();
        boolean isTerminal = console != null && console.isTerminal();
        boolean hasColours =
                isTerminal
                        && System.getenv("NO_COLOR") == null
                        && !"dumb".equals(System.getenv("TERM"));
        return new Terminal(
                spec.commandLine().getOut(),
                spec.commandLine().getErr(),
                isTerminal ? console : null,
                hasColours);
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
