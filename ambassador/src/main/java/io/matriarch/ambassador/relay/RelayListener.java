package io.matriarch.ambassador.relay;

import io.matriarch.elector.situation.Epoch;

/** Is told about epochs, on the control thread: it must not block. */
public interface RelayListener {

    /** A higher epoch was seen; sessions of lower ones are being cut. */
    void onSeen(Epoch epoch);

    /** No session of an earlier epoch has a socket any more. */
    void onApplied(Epoch epoch);
}
