package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.HoldReason;
import io.matriarch.ambassador.view.Target;
import io.matriarch.elector.draining.Owed;
import java.util.List;

/** Something that happened to one connection. */
public sealed interface ConnectionEvent {

    /** The client's next packet without a type byte is complete. */
    record Opened(Opening opening) implements ConnectionEvent {}

    /** The client asked to cancel; these servers may know its key. Empty: nobody to ask. */
    record CancelAsked(List<Target> targets) implements ConnectionEvent {

        public CancelAsked {
            targets = List.copyOf(targets);
        }
    }

    /** It is its turn: a server for it. */
    record Assigned(Target target) implements ConnectionEvent {}

    /** There is no server for it, and this is why. */
    record Waiting(HoldReason reason) implements ConnectionEvent {}

    /** Too many wait already. */
    record Crowded(int limit) implements ConnectionEvent {}

    /** All servers have failed for it: it may begin again with the first after a pause. */
    record Exhausted() implements ConnectionEvent {}

    record Connected(int attempt) implements ConnectionEvent {}

    /** No connection, or lost again before a byte of the client was given to it. */
    record ConnectFailed(int attempt) implements ConnectionEvent {}

    /** The server's first byte. */
    record ServerSpoke() implements ConnectionEvent {}

    /** Nothing of the client is on its way to the server any more, and nothing will be. */
    record Still(int round) implements ConnectionEvent {}

    /** Its primary is being asked about it. */
    record Asked() implements ConnectionEvent {}

    /** What its primary says of it. */
    record Answered(Owed owed) implements ConnectionEvent {}

    /** The routing table is another one. */
    record TableChanged() implements ConnectionEvent {}

    /** Time has passed. */
    record Ticked() implements ConnectionEvent {}

    /** The client sends no more. */
    record ClientFinished() implements ConnectionEvent {}

    /** The ambassador ends. */
    record ShutDown() implements ConnectionEvent {}

    /** Every socket of the connection is closed. */
    record Ended(CloseCause cause) implements ConnectionEvent {}
}
