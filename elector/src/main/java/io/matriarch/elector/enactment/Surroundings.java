package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.Nodes;
import io.matriarch.elector.cluster.WatchedCluster;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.vouching.Electors;

/**
 * All that a member touches. The same steps run on real surroundings, and on simulated ones with
 * every fault that can be thought of.
 *
 * @param bootId of the kernel whose clock {@code pace} is
 */
public record Surroundings(
        WatchedCluster cluster,
        Nodes nodes,
        ControlChannel control,
        String bootId,
        OwnServer server,
        OwnFiles files,
        Marks marks,
        Sources sources,
        Electors electors,
        Activities activities,
        Pace pace,
        ElectorListener listener) {

    /**
     * Long acts, of each kind one at a time.
     *
     * @param exclusive nothing is decided while one of these runs
     * @param settling a synchronous set is put in force; meanwhile nothing is decided that rests on
     *     it
     * @param clearing what nobody needs any more is removed, beside everything else
     */
    public record Activities(Activity exclusive, Activity settling, Activity clearing) {}

    /** Where the data of a member that must be repaired comes from. */
    public record Sources(RewindSource rewind, BaseRestore archive) {}

    Activity activity() {
        return activities.exclusive();
    }

    Activity settling() {
        return activities.settling();
    }

    Activity clearing() {
        return activities.clearing();
    }
}
