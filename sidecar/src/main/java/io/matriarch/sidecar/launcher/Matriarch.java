package io.matriarch.sidecar.launcher;

import io.matriarch.local.LocalCommand;
import io.matriarch.sidecar.assembly.AmbassadorCommand;
import io.matriarch.sidecar.assembly.SidecarCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program: one name, a subcommand for everything that it does. */
@Command(
        name = "matriarch",
        description = "Keeps a PostgreSQL cluster available and recoverable.",
        mixinStandardHelpOptions = true,
        versionProvider = ProgramVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SidecarCommand.class, AmbassadorCommand.class, LocalCommand.class})
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
        LogLevel.forArguments(args).apply();
        System.exit(commandLine().execute(args));
    }

    /** All commands, with one way of telling a failure. */
    public static CommandLine commandLine() {
        Matriarch root = new Matriarch();
        CommandLine line = new CommandLine(root);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, arguments) ->
                        Failure.of(wrong).tell(wrong.getCommandLine(), root.debug))
                .setExecutionExceptionHandler(
                        (wrong, command, parsed) -> Failure.of(wrong).tell(command, root.debug));
    }

    /** Called without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
