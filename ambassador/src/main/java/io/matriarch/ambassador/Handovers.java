package io.matriarch.ambassador;

import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import io.matriarch.elector.situation.Epoch;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;

/** What a planned switchover needs of the world outside. Its methods may block. */
public interface Handovers {

    /**
     * What a primary says that these sessions, known by where they come from, owe their clients.
     * Who is missing in the answer may owe something.
     */
    Map<InetSocketAddress, Owed> ask(Target.Primary primary, Collection<InetSocketAddress> sessions)
            throws InterruptedException;

    /**
     * The primary of this epoch may end every session that it has here; {@link Epoch#NONE} if that
     * is not so, or no longer. To be published, so that it need not wait.
     */
    void onDrained(Epoch epoch);

    /** Nobody is asked, so no session is known to owe nothing. */
    static Handovers unaided() {
        return new Handovers() {
            @Override
            public Map<InetSocketAddress, Owed> ask(
                    Target.Primary primary, Collection<InetSocketAddress> sessions) {
                return Map.of();
            }

            @Override
            public void onDrained(Epoch epoch) {}
        };
    }
}
