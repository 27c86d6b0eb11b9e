package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.Target;
import java.util.List;

/** Something to be done to one connection. */
public sealed interface ConnectionEffect {

    /** Open a socket to the server. Nothing of the client is written to it yet. */
    record Connect(int attempt, Target target) implements ConnectionEffect {}

    /** Close that socket. */
    record Abandon(int attempt) implements ConnectionEffect {}

    /** Write the client's first bytes to the server, then let bytes flow both ways. */
    record Join(int attempt) implements ConnectionEffect {}

    /** Tell the client that there is no encryption here, and read what it opens with then. */
    record AnswerNo() implements ConnectionEffect {}

    /** Say this to the client, then close. */
    record Refuse(Refusal refusal) implements ConnectionEffect {}

    /** Write the client's cancel request to each of these; close when they have closed. */
    record FanOut(List<Target> targets) implements ConnectionEffect {

        public FanOut {
            targets = List.copyOf(targets);
        }
    }

    /**
     * Hold back what the client sends from now on; tell when all that it sent before has arrived.
     */
    record Freeze(int round) implements ConnectionEffect {}

    /**
     * Let its bytes go until the server next speaks, then freeze again. If the server has spoken
     * since the last time that everything had arrived, it has that moment behind it already: then
     * nothing is let go, and only the new moment is told.
     */
    record Advance(int round) implements ConnectionEffect {}

    /** Let its bytes go for good. */
    record Thaw() implements ConnectionEffect {}

    /** Close what is open. */
    record Close(CloseCause cause) implements ConnectionEffect {}

    /** Reset both sockets: whatever has not left yet never will. */
    record Cut(CloseCause cause) implements ConnectionEffect {}
}
