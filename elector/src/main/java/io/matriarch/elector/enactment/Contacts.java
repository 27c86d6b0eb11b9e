package io.matriarch.elector.enactment;

import io.matriarch.postgres.BootTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * What this process knows of how its session stands with ZooKeeper's leader.
 *
 * <p>A call is answered by one server, and no call, not even a write, touches the session where it
 * counts: the server keeps the touch and passes it on with its next answer to the leader's ping,
 * within a tick. If it dies before, the leader's clock of the session stands where an earlier call
 * left it, however long ago that was. So a call says nothing yet about the session's end; one that
 * was sent a tick earlier does.
 */
final class Contacts {

    private final Duration tick;
    private final ArrayDeque<BootTime> answered = new ArrayDeque<>();

    Contacts(Duration tick) {
        this.tick = tick;
    }

    /** A call that was sent then has been answered. */
    synchronized void add(BootTime sent) {
        answered.add(sent);
        forget(sent);
    }

    /** Of those that are old enough only the last counts, now and later. */
    private void forget(BootTime now) {
        while (answered.size() > 1 && isPassedOn(second(), now)) {
            answered.removeFirst();
        }
    }

    private BootTime second() {
        BootTime first = answered.removeFirst();
        BootTime second = answered.getFirst();
        answered.addFirst(first);
        return second;
    }

    /**
     * The last call before {@code now} whose touch the leader surely has; empty if there is none.
     */
    synchronized Optional<BootTime> passedOn(BootTime now) {
        forget(now);
        return Optional.ofNullable(answered.peekFirst()).filter(sent -> isPassedOn(sent, now));
    }

    private boolean isPassedOn(BootTime sent, BootTime now) {
        return now.since(sent).compareTo(tick) >= 0;
    }
}
