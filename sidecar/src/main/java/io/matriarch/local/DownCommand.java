package io.matriarch.local;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.process.Ending;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code matriarch local down}: ends a local cluster and leaves no process of it. */
@Command(
        name = "down",
        description = "Ends a local cluster. Its files stay.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {

    @Option(
            names = "--dir",
            required = true,
            paramLabel = "DIR",
            description = "The directory of the cluster.")
    private Path dir;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    DownCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        LocalDirectory directory = new LocalDirectory(dir);
        LocalPlan plan = LocalPlan.require(directory);
        Ending.Outcome outcome = new Ending(directory, plan).run();
        if (!outcome.left().isEmpty()) {
            throw CommandFailure.failed(
                    "processes: "
                            + outcome.left().stream()
                                    .map(process -> process.part() + " " + process.pid())
                                    .toList()
                            + " would not end",
                    "run it again; a process that cannot even be killed hangs in the kernel");
        }
        spec.commandLine()
                .getOut()
                .println(
                        outcome.ended() == 0
                                ? "nothing was running"
                                : "ended " + outcome.ended() + " processes");
        return ExitStatus.DONE.code();
    }
}
