package io.matriarch.ambassador;

import io.matriarch.elector.situation.Epoch;

/** Is told what others should know. It may block: it has a thread of its own. */
public interface AmbassadorListener {

    /**
     * No session of an earlier epoch has a socket here any more, and what had not left through them
     * never will. To be published, so that whoever waits for it can go on.
     */
    void onEpochApplied(Epoch epoch);
}
