package io.matriarch.sidecar.launcher;

import io.matriarch.cli.ExitStatus;
import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.operate.BackupCommand;
import io.matriarch.cli.operate.HistoryCommand;
import io.matriarch.cli.operate.PinCommand;
import io.matriarch.cli.operate.PruneCommand;
import io.matriarch.cli.operate.StatusCommand;
import io.matriarch.cli.operate.SwitchoverCommand;
import io.matriarch.cli.operate.UnpinCommand;
import io.matriarch.cli.restore.BackupsCommand;
import io.matriarch.cli.restore.RestoreCommand;
import io.matriarch.cli.restore.RestoreListCommand;
import io.matriarch.cli.restore.RestoreWindowCommand;
import io.matriarch.local.LocalCommand;
import io.matriarch.sidecar.assembly.AmbassadorCommand;
import io.matriarch.sidecar.assembly.SidecarCommand;
import io.matriarch.sidecar.configuration.OperatorConfiguration;
import java.util.List;
import java.util.Locale;
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
        // Before anything is formatted: a locale with digits of its own (ar_EG, fa_IR) would have
        // "%d" write them into object names, nodes and files, which nobody could read again.
        Locale.setDefault(Locale.ROOT);
        LogLevel.forArguments(args).settle();
        CommandLine line = commandLine();
        int status = line.execute(args);
        System.exit(
                status == ExitStatus.DONE.code() && StandardOutput.isLost()
                        ? Failure.lostOutput().tell(line, false)
                        : status);
    }

    /** All commands, with one way of telling a failure. */
    public static CommandLine commandLine() {
        Matriarch root = new Matriarch();
        CommandLine line = new CommandLine(root);
        operatorCommands(OperatorConfiguration::read).forEach(line::addSubcommand);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, arguments) ->
                        Failure.of(wrong).tell(wrong.getCommandLine(), root.debug))
                .setExecutionExceptionHandler(
                        (wrong, command, parsed) -> Failure.of(wrong).tell(command, root.debug));
    }

    /** In the order in which {@code --help} shows them. */
    private static List<Object> operatorCommands(ConfigurationReader reader) {
        CommandLine restore = new CommandLine(new RestoreCommand(reader));
        restore.addSubcommand(new RestoreListCommand(reader));
        restore.addSubcommand(new RestoreWindowCommand(reader));
        return List.of(
                new StatusCommand(reader),
                new HistoryCommand(reader),
                new SwitchoverCommand(reader),
                new BackupCommand(reader),
                new BackupsCommand(reader),
                new PinCommand(reader),
                new UnpinCommand(reader),
                new PruneCommand(reader),
                restore);
    }

    /** Called without a command. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
