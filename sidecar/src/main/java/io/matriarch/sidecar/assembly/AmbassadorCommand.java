package io.matriarch.sidecar.assembly;

import io.matriarch.ambassador.Ambassador;
import io.matriarch.ambassador.AmbassadorSettings;
import io.matriarch.ambassador.AmbassadorStatus;
import io.matriarch.ambassador.view.Route;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.cluster.ClusterJson;
import io.matriarch.elector.member.SessionQuestions;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.host.BootClock;
import io.matriarch.sidecar.configuration.AmbassadorConfiguration;
import io.matriarch.sidecar.http.HttpApi;
import io.matriarch.sidecar.http.RouteHealth;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The ambassador as a process of its own, beside an application or in front of a cluster. */
@Command(
        name = "ambassador",
        description = "Run an ambassador: a TCP proxy that always leads to the primary.",
        mixinStandardHelpOptions = true)
public final class AmbassadorCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(AmbassadorCommand.class);
    private static final long REFRESH_MILLIS = 1000;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The YAML file that describes it.")
    private Path config;

    @SuppressWarnings("NullAway.Init") // picocli sets the options
    public AmbassadorCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        AmbassadorConfiguration read = AmbassadorConfiguration.read(config);
        AmbassadorSettings settings =
                AmbassadorSettings.on(socket(read.readWrite()), socket(read.readOnly()));
        Path state = read.stateDirectory();
        if (state != null) {
            settings = settings.withStateDirectory(state);
        }
        BootClock clock = BootClock.ofThisHost();
        Semaphore changes = new Semaphore(0);
        ClusterConnection connection = new ClusterConnection(read.zookeeper(), changes::release);
        SessionQuestions questions = new SessionQuestions(connection);
        AmbassadorPresence presence = new AmbassadorPresence(connection, questions);
        try (Ending ending = Ending.onSignal();
                ClusterConnection cluster = connection.open();
                SessionQuestions _ = questions.open();
                Ambassador ambassador =
                        Ambassador.open(
                                settings, clock, new Ambassador.Outside(presence, presence));
                HttpApi _ = HttpApi.of(health(ambassador), read.api())) {
            log.atInfo()
                    .addKeyValue("readWrite", read.readWrite())
                    .addKeyValue("readOnly", read.readOnly())
                    .log("ambassador listens");
            Thread watch =
                    Thread.ofPlatform()
                            .name("cluster-watch")
                            .daemon()
                            .start(() -> watch(ambassador, presence, cluster, changes));
            ending.await();
            watch.interrupt();
        }
        return 0;
    }

    /** Hands on what the cluster's connection shows, after every change and once a second. */
    private static void watch(
            Ambassador ambassador,
            AmbassadorPresence presence,
            ClusterConnection cluster,
            Semaphore changes) {
        BootClock clock = BootClock.ofThisHost();
        try {
            while (true) {
                if (cluster.isConnected()) {
                    var asked = clock.now();
                    cluster.view().ifPresent(view -> ambassador.onView(view, asked));
                    presence.tellAgain();
                } else {
                    ambassador.onViewLost();
                }
                if (changes.tryAcquire(REFRESH_MILLIS, TimeUnit.MILLISECONDS)) {
                    changes.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static RouteHealth health(Ambassador ambassador) {
        return new RouteHealth() {
            @Override
            public String routesJson() {
                AmbassadorStatus status = ambassador.status();
                return ClusterJson.text(status);
            }

            @Override
            public boolean isRouting() {
                return ambassador.status().route() instanceof Route.Serving;
            }
        };
    }

    private static InetSocketAddress socket(Endpoint endpoint) {
        return new InetSocketAddress(endpoint.host(), endpoint.port());
    }
}
