package io.matriarch.cli.operate;

import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.access.ClusterSession;
import io.matriarch.elector.situation.ClusterState;

/** Whether there is somebody to serve a request. */
final class Primaries {

    private Primaries() {}

    /** Refuses to ask a cluster of which no member lives: nobody would ever answer. */
    static void require(ClusterSession session) {
        ClusterState state = session.state();
        if (session.view().members().isEmpty()) {
            throw CommandFailure.refused(
                    "no member of the cluster lives (last primary: " + state.primary() + ")",
                    "start the sidecars; for a local cluster, 'matriarch local up' on its"
                            + " directory");
        }
    }
}
