package io.matriarch.sidecar.launcher;

import io.matriarch.cli.ExitStatus;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: one name, a subcommand for everything that it does. */
@Command(
        name = "matriarch",
        description = "Keeps a PostgreSQL cluster available and recoverable.",
        mixinStandardHelpOptions = true,
        versionProvider = ProgramVersion.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Matriarch implements Runnable {

    static final String DEBUG = "--debug";

    @Option(
            names = DEBUG,
            scope = ScopeType.INHERIT,
            description = "Log everything, and show the stack trace of a failure.")
    private boolean debug;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the specification
    Matriarch() {}

    public static void main(String[] args) {
        // Before anything is formatted: a locale with digits of its own (ar_EG, fa_IR) would have
        // "%d" write them into object names, nodes and files, which nobody could read again.
        Locale.setDefault(Locale.ROOT);
        LogLevel.forArguments(args).settle();
        CommandLine line = commandLine(Commands.namedBy(args));
        int status = line.execute(args);
        System.exit(
                status == ExitStatus.DONE.code() && StandardOutput.isLost()
                        ? Failure.lostOutput().tell(line, false)
                        : status);
    }

    /** All commands, with one way of telling a failure. */
    public static CommandLine commandLine() {
        return commandLine(Commands.all());
    }

    static CommandLine commandLine(Commands commands) {
        Matriarch root = new Matriarch();
        CommandLine line = new CommandLine(root);
        commands.addTo(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, arguments) -> {
                    if (wrong instanceof UnmatchedArgumentException && !commands.isAll()) {
                        // It may be a command that is misspelt.
                        return commandLine()
                                .setOut(wrong.getCommandLine().getOut())
                                .setErr(wrong.getCommandLine().getErr())
                                .execute(arguments);
                    }
                    return Failure.of(wrong).tell(wrong.getCommandLine(), root.debug);
                })
                .setExecutionExceptionHandler(
                        (wrong, command, parsed) -> Failure.of(wrong).tell(command, root.debug));
    }

    /** Called without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
