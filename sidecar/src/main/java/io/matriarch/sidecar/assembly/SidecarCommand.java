package io.matriarch.sidecar.assembly;

import io.matriarch.sidecar.configuration.SidecarConfiguration;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The sidecar: archiver and elector of one Postgres. */
@Command(
        name = "sidecar",
        description = "Run the sidecar of one Postgres: its archiver and its elector.",
        mixinStandardHelpOptions = true)
public final class SidecarCommand implements Callable<Integer> {

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The YAML file that describes it.")
    private Path config;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public SidecarCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        SidecarConfiguration read = SidecarConfiguration.read(config);
        try (Ending ending = Ending.onSignal();
                Sidecar _ = Sidecar.open(read)) {
            ending.await();
        }
        return 0;
    }
}
