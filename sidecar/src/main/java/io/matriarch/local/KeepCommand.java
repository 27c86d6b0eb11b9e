package io.matriarch.local;

import io.matriarch.cli.ExitStatus;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.process.Keeper;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The process that starts and keeps a local cluster's others. Started by {@code local up}. */
@Command(
        name = "keep",
        hidden = true,
        description = "Starts and keeps the processes of a local cluster.",
        mixinStandardHelpOptions = true)
final class KeepCommand implements Callable<Integer> {

    @Option(names = "--dir", required = true, paramLabel = "DIR")
    private Path dir;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    KeepCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        LocalDirectory directory = new LocalDirectory(dir);
        new Keeper(new LocalConfiguration(directory, LocalPlan.require(directory))).run();
        return ExitStatus.DONE.code();
    }
}
