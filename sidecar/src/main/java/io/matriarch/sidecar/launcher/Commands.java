package io.matriarch.sidecar.launcher;

import io.matriarch.cli.access.ConfigurationReader;
import io.matriarch.cli.drill.DrillCommand;
import io.matriarch.cli.operate.BackupCommand;
import io.matriarch.cli.operate.HistoryCommand;
import io.matriarch.cli.operate.PinCommand;
import io.matriarch.cli.operate.PruneCommand;
import io.matriarch.cli.operate.StatusCommand;
import io.matriarch.cli.operate.SwitchoverCommand;
import io.matriarch.cli.operate.UnpinCommand;
import io.matriarch.cli.operate.VerifyCommand;
import io.matriarch.cli.restore.BackupsCommand;
import io.matriarch.cli.restore.RestoreCommand;
import io.matriarch.cli.restore.RestoreListCommand;
import io.matriarch.cli.restore.RestoreWindowCommand;
import io.matriarch.local.LocalCommand;
import io.matriarch.sidecar.assembly.AmbassadorCommand;
import io.matriarch.sidecar.assembly.SidecarCommand;
import io.matriarch.sidecar.configuration.OperatorConfiguration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * The commands that are made: all of them, as {@code --help} shows them, or only those that the
 * arguments name, for making all takes as long as many a command runs.
 */
final class Commands {

    /** Short options may be written as one; what is in a file of arguments is not known here. */
    private static final Pattern HELP = Pattern.compile("--help|-[^-]*h.*|@.*");

    private final Predicate<String> isMade;
    private final boolean isAll;

    private Commands(Predicate<String> isMade, boolean isAll) {
        this.isMade = isMade;
        this.isAll = isAll;
    }

    static Commands all() {
        return new Commands(name -> true, true);
    }

    /** Those that some argument names; all if help is asked for. */
    static Commands namedBy(String... arguments) {
        Set<String> named = Set.copyOf(Arrays.asList(arguments));
        return named.stream().anyMatch(it -> HELP.matcher(it).matches())
                ? all()
                : new Commands(named::contains, false);
    }

    boolean isAll() {
        return isAll;
    }

    /** In the order in which {@code --help} shows them. */
    void addTo(CommandLine program) {
        ConfigurationReader reader = OperatorConfiguration::read;
        add(program, "sidecar", SidecarCommand::new);
        add(program, "ambassador", AmbassadorCommand::new);
        add(program, "local", LocalCommand::new);
        add(program, "status", () -> new StatusCommand(reader));
        add(program, "history", () -> new HistoryCommand(reader));
        add(program, "switchover", () -> new SwitchoverCommand(reader));
        add(program, "backup", () -> new BackupCommand(reader));
        add(program, "backups", () -> new BackupsCommand(reader));
        add(program, "pin", () -> new PinCommand(reader));
        add(program, "unpin", () -> new UnpinCommand(reader));
        add(program, "prune", () -> new PruneCommand(reader));
        add(program, "verify", () -> new VerifyCommand(reader));
        add(program, "drill", () -> new DrillCommand(reader));
        add(program, "restore", () -> restore(reader));
    }

    private CommandLine restore(ConfigurationReader reader) {
        CommandLine restore = new CommandLine(new RestoreCommand(reader));
        add(restore, "list", () -> new RestoreListCommand(reader));
        add(restore, "window", () -> new RestoreWindowCommand(reader));
        return restore;
    }

    private void add(CommandLine above, String name, Supplier<Object> maker) {
        if (isMade.test(name)) {
            above.addSubcommand(name, maker.get());
        }
    }
}
