package io.matriarch.sidecar.assembly;

import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.enactment.Elector;
import io.matriarch.elector.enactment.ElectorSettings;
import io.matriarch.elector.enactment.MemberDirectory;
import io.matriarch.elector.enactment.Waker;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import io.matriarch.sidecar.http.HttpApi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running sidecar. */
final class Sidecar implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Sidecar.class);

    private final ClusterConnection cluster;
    private final Elector elector;
    private final HttpApi api;

    private Sidecar(ClusterConnection cluster, Elector elector, HttpApi api) {
        this.cluster = cluster;
        this.elector = elector;
        this.api = api;
    }

    static Sidecar open(SidecarConfiguration configuration) {
        Waker waker = new Waker();
        MemberDirectory member = new MemberDirectory(configuration.postgres().memberDirectory());
        ElectorSettings settings =
                new ElectorSettings(
                        configuration.zookeeper().cluster(),
                        configuration.decisions(),
                        configuration.lease(),
                        configuration.postgres(),
                        member,
                        "http://" + configuration.api(),
                        "development");
        ClusterConnection cluster =
                new ClusterConnection(configuration.zookeeper(), waker::wake).open();
        Elector elector =
                new Elector(
                                settings,
                                cluster,
                                waker,
                                (system, directory) -> false,
                                (state, history) -> {})
                        .open();
        HttpApi api = HttpApi.of(new ElectorHealth(elector), configuration.api());
        log.atInfo()
                .addKeyValue("member", configuration.decisions().self())
                .addKeyValue("leaseMs", configuration.lease().length().toMillis())
                .addKeyValue("api", configuration.api())
                .log("sidecar runs");
        return new Sidecar(cluster, elector, api);
    }

    @Override
    public void close() {
        api.close();
        elector.close();
        cluster.close();
    }
}
