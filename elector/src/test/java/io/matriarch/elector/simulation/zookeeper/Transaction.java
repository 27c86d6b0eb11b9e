package io.matriarch.elector.simulation.zookeeper;

import io.matriarch.elector.cluster.Nodes.Write;
import io.matriarch.elector.simulation.zookeeper.Ensemble.Node;
import java.util.List;
import org.apache.zookeeper.KeeperException;

/** Several writes at the leader, which take effect together or not at all. */
record Transaction(Ensemble ensemble) {

    void commit(List<Write> writes) throws KeeperException {
        for (Write write : writes) {
            check(write);
        }
        for (Write write : writes) {
            apply(write);
        }
    }

    private void check(Write write) throws KeeperException {
        switch (write) {
            case Write.Check check -> ensemble.existing(check.path());
            case Write.Create create -> {
                if (ensemble.newest(create.path()) != null) {
                    throw KeeperException.create(KeeperException.Code.NODEEXISTS);
                }
            }
            case Write.Replace replace -> {
                Node node = ensemble.existing(replace.path());
                if (replace.version() >= 0 && node.version() != replace.version()) {
                    throw KeeperException.create(KeeperException.Code.BADVERSION);
                }
            }
            case Write.Delete delete -> ensemble.existing(delete.path());
        }
    }

    private void apply(Write write) throws KeeperException {
        switch (write) {
            case Write.Check check -> {}
            case Write.Create create -> ensemble.create(create.path(), create.content(), null);
            case Write.Replace replace ->
                    ensemble.replace(replace.path(), replace.content(), replace.version());
            case Write.Delete delete -> ensemble.delete(delete.path());
        }
    }
}
