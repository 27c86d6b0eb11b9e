package io.matriarch.elector.simulation.model;

import io.matriarch.elector.simulation.time.Lifetime;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.postgres.TimelineId;
import org.jspecify.annotations.Nullable;

/** WAL on its way from one server to another, and the confirmations on their way back. */
final class WalStream {

    private static final long PATIENCE = 10 * VirtualTime.SECONDS;
    private static final long RESEND = 60 * VirtualTime.MILLIS;

    private final World world;
    private final Host source;
    private final Host target;
    private final Lifetime sender;
    private final Lifetime receiver;
    private boolean isClosed;
    private boolean isPumping;
    private long lastMoved;

    private WalStream(World world, Host source, Host target) {
        this.world = world;
        this.source = source;
        this.target = target;
        this.sender = source.postgres().life();
        this.receiver = target.postgres().life();
        this.lastMoved = world.time().now();
    }

    /** Connects; absent if the source does not answer, or cannot go on from where the target is. */
    static @Nullable WalStream open(World world, Host source, Host target) {
        if (!isReachable(world, source, target)
                || isGone(source, target)
                || !canGoOn(world, source, target)) {
            return null;
        }
        WalStream stream = new WalStream(world, source, target);
        source.postgres().peers().put(target.name().value(), new Postgres.Peer(stream));
        stream.confirm();
        stream.pump();
        return stream;
    }

    /** Connects, and is told that the WAL it asks for has been removed. */
    static boolean isRefused(World world, Host source, Host target) {
        return isReachable(world, source, target) && isGone(source, target);
    }

    private static boolean isReachable(World world, Host source, Host target) {
        return source != target
                && source.postgres().acceptsConnections()
                && world.network().isOpen(source.number(), target.number())
                && world.network().isOpen(target.number(), source.number());
    }

    private static boolean isGone(Host source, Host target) {
        return target.postgres().data().end < source.postgres().data().goneBefore;
    }

    Host source() {
        return source;
    }

    /**
     * Whether the source's history passes through the end of the target's log. Postgres compares
     * the numbers of timelines, and where they were left; here it is also known what they are.
     */
    private static boolean canGoOn(World world, Host source, Host target) {
        Data from = source.postgres().data();
        Data to = target.postgres().data();
        if (!from.system.equals(to.system) || to.end > from.end) {
            return false;
        }
        TimelineId own = to.timeline();
        Branch same = from.branch.byNumber(own);
        if (same == null || to.end > from.branch.sharedWith(same)) {
            return false;
        }
        if (!from.branch.contains(from.end, to.branch.at(to.end), to.end)) {
            world.tell(witness ->
                    witness.onMixed(
                            target,
                            "its log goes on along another timeline " + own + " of " + source));
            return false;
        }
        return true;
    }

    /** Sends what there is; once per trip, so that a busy source is no flood. */
    void pump() {
        if (isPumping || isClosed) {
            return;
        }
        isPumping = true;
        sender.run(this::send);
    }

    private void send() {
        if (isClosed) {
            return;
        }
        if (!world.network().isOpen(source.number(), target.number())) {
            if (world.time().now() - lastMoved > PATIENCE) {
                isClosed = true;
                breakDown();
                return;
            }
            world.time().after(RESEND, () -> sender.run(this::send));
            return;
        }
        long end = source.postgres().data().end;
        world.time()
                .after(
                        world.network().delay(source.number(), target.number()),
                        () -> receiver.run(() -> receive(end)));
    }

    private void breakDown() {
        source.postgres().peers().values().removeIf(peer -> peer.stream == this);
        receiver.run(() -> target.postgres().receiver().onLost(this));
    }

    private void receive(long end) {
        isPumping = false;
        if (isClosed || sender.isDead()) {
            return;
        }
        lastMoved = world.time().now();
        Data from = source.postgres().data();
        Data to = target.postgres().data();
        if (from.branch != to.branch && !canGoOn(world, source, target)) {
            close();
            receiver.run(() -> target.postgres().receiver().onLost(this));
            return;
        }
        if (end > to.end && target.disk().isFull()) {
            // The receiver ends with an error, and another one is started.
            close();
            target.postgres().receiver().onLost(this);
            return;
        }
        to.branch = from.branch;
        if (end > to.end) {
            to.end = end;
            boolean fromPrimary = source.postgres().run() != Postgres.Run.STANDBY;
            world.tell(witness -> witness.onReceived(target, fromPrimary));
            target.postgres().pump();
        }
        confirm();
        if (from.end > to.end) {
            pump();
        }
    }

    private void confirm() {
        long flushed = target.postgres().data().end;
        world.time()
                .after(
                        100 + world.network().delay(target.number(), source.number()),
                        () -> confirmed(flushed));
    }

    private void confirmed(long flushed) {
        if (isClosed) {
            return;
        }
        if (world.network().isOpen(target.number(), source.number())) {
            sender.run(() -> source.postgres().onFlushed(target.name().value(), flushed));
        } else if (world.time().now() - lastMoved < PATIENCE) {
            world.time().after(RESEND, () -> confirmed(flushed));
        }
    }

    /** The target's end. */
    void close() {
        isClosed = true;
        if (world.network().isOpen(target.number(), source.number())) {
            source.postgres().peers().values().removeIf(peer -> peer.stream == this);
        } else {
            world.time()
                    .after(
                            PATIENCE,
                            () ->
                                    source.postgres()
                                            .peers()
                                            .values()
                                            .removeIf(peer -> peer.stream == this));
        }
    }

    /** The source's end. */
    void onSenderGone() {
        isClosed = true;
        world.time()
                .after(
                        1 + world.network().delay(source.number(), target.number()),
                        () -> receiver.run(() -> target.postgres().receiver().onLost(this)));
    }
}
