package io.matriarch.ambassador.relay;

import io.matriarch.elector.situation.Epoch;

/** Is told what others have to know, on the control thread: it must not block. */
public interface RelayListener {

    /** A higher epoch was seen; sessions of lower ones are being cut. */
    void onSeen(Epoch epoch);

    /** No session of an earlier epoch has a socket any more. */
    void onApplied(Epoch epoch);

    /** A primary is to be asked about these sessions; {@link Relay#answer} takes the answer. */
    void onQuestion(SessionQuestion question);

    /**
     * The primary of this epoch hands over and may end all sessions here; {@link Epoch#NONE} if
     * that is not so, or no longer.
     */
    void onDrained(Epoch epoch);
}
