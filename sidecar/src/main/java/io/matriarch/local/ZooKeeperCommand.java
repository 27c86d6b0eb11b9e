package io.matriarch.local;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The process that is a local cluster's ZooKeeper. Started by the keeper, not by people. */
@Command(
        name = "zookeeper",
        hidden = true,
        description = "Serves ZooKeeper for a local cluster.",
        mixinStandardHelpOptions = true)
final class ZooKeeperCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(ZooKeeperCommand.class);

    @Option(names = "--listen", required = true, paramLabel = "ADDRESS:PORT")
    private String listen;

    @Option(names = "--data", required = true, paramLabel = "DIR")
    private Path data;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    ZooKeeperCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        int colon = listen.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(
                        listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.open(address, data)) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(server::close));
            log.atInfo().addKeyValue("address", listen).log("zookeeper serving");
            server.await();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "zookeeper: cannot serve at "
                            + listen
                            + " from "
                            + data
                            + ": "
                            + e.getMessage(),
                    "see whether another process uses the port",
                    e);
        }
        return ExitStatus.DONE.code();
    }
}
