package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Reign;
import io.matriarch.elector.situation.Renewal;
import io.matriarch.elector.vouching.Appeals;
import io.matriarch.elector.vouching.Backing;
import io.matriarch.elector.vouching.Electors;
import io.matriarch.elector.vouching.Vows;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority of a primary: taken by a transaction, kept by renewals on a thread that does
 * nothing else, and passed on to the supervisor as a lease with an absolute deadline.
 *
 * <p>The deadline counts from before a renewal was sent, so an answer that comes late cannot
 * stretch it; and after a silence from earlier, see {@link Contacts}. Nothing here stops Postgres:
 * whatever becomes of this process, the lease runs out by itself.
 */
public final class Authority implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Authority.class);
    private static final Duration RETRY = Duration.ofMillis(100);
    private static final Duration RECLAIM_PATIENCE = Duration.ofMillis(500);

    /**
     * Who holds nothing speaks so often with ZooKeeper, to have a full lease from its beginning.
     */
    private static final Duration BETWEEN_CONTACTS = Duration.ofMillis(250);

    private final Membership membership;
    private final ControlChannel control;
    private final BootClock clock;
    private final LeaseSettings settings;
    private final LeaseHolder holder;
    private final Footing footing;
    private final Backers backers;
    private final Backing backing;
    private final Appeals appeals;
    private final Contacts contacts;
    private final Thread renewals;
    private final Thread upkeep;

    private volatile @Nullable Held held;
    private volatile boolean isClosed;
    private volatile Duration lastRefused = Duration.ofMillis(-1);
    private long sequence;

    /** Whose lease it is, and what is told when the authority of an epoch is renewed. */
    public record LeaseHolder(String cluster, String incarnation, Function<Epoch, Renewal> told) {}

    /**
     * What the authority stands on; without it none is taken or renewed.
     *
     * @param isSwitchAlive whether the supervisor's heartbeat is fresh, and this member still
     *     looks: no dead man's switch, no lead
     * @param isForsaken of a lease that ended then, and that nobody here acts on any more: whether
     *     its end has surely been enforced, so that others may be let
     * @param negotiatedSession the session timeout that ZooKeeper granted, which may not be the one
     *     asked for
     */
    public record Footing(
            BooleanSupplier isSwitchAlive,
            Predicate<BootTime> isForsaken,
            Supplier<Duration> negotiatedSession) {}

    /**
     * Whom the authority stands on when ZooKeeper is gone.
     *
     * @param vows what this member has vowed itself; while it binds, no authority is taken
     */
    public record Backers(MemberName self, Electors electors, Vows vows) {}

    /**
     * @param session that owns the latch node
     */
    private record Held(Reign reign, String latchPath, long session, String system) {

        boolean isSameReignAs(Held other) {
            return reign.epoch().equals(other.reign.epoch())
                    && reign.since().equals(other.reign.since());
        }

        boolean isOfSessionOf(Held other) {
            return isSameReignAs(other) && session == other.session;
        }

        Held until(BootTime deadline) {
            return new Held(
                    new Reign(reign.epoch(), reign.since(), deadline), latchPath, session, system);
        }

        Held by(String path, long other) {
            return new Held(reign, path, other, system);
        }
    }

    public Authority(
            Membership membership,
            ControlChannel control,
            BootClock clock,
            LeaseSettings settings,
            LeaseHolder holder,
            Footing footing,
            Backers backers) {
        this.membership = membership;
        this.control = control;
        this.clock = clock;
        this.settings = settings;
        this.holder = holder;
        this.footing = footing;
        this.backers = backers;
        this.backing = new Backing(backers.self(), settings);
        this.appeals = new Appeals(backing, backers.electors(), settings);
        this.contacts = new Contacts(settings.tick());
        this.sequence = control.readLease().map(LeaseRecord::sequence).orElse(0L);
        this.renewals =
                Thread.ofPlatform().name("lease").daemon().unstarted(() -> keep(this::renew));
        this.upkeep = Thread.ofPlatform().name("vows").daemon().unstarted(() -> keep(this::uphold));
    }

    public Authority open() {
        renewals.start();
        upkeep.start();
        return this;
    }

    /** The authority that this process holds; its deadline may have passed. */
    public Optional<Reign> reign() {
        Held now = held;
        return now == null ? Optional.empty() : Optional.of(now.reign());
    }

    /** The epoch under which this process may act right now. */
    public Optional<Epoch> validEpoch() {
        return reign().filter(r -> r.deadline().isAfter(clock.now())).map(Reign::epoch);
    }

    /** Whether a lease that is taken now would last for a while. */
    public boolean mayTake() {
        BootTime now = clock.now();
        return deadline(now).since(now).compareTo(settings.renewal()) > 0;
    }

    /** Until when an acknowledged write permits that was sent then; perhaps not even until then. */
    private BootTime deadline(BootTime sent) {
        return contacts.passedOn(sent)
                .map(contact -> contact.plus(settings.tick()).plus(settings.length()))
                .orElse(BootTime.ZERO);
    }

    /**
     * Takes the authority that {@code next} describes, with the latch held.
     *
     * @param version of the state that it replaces; -1 if there is none
     * @param votes the ballots that it rests on, which must still stand
     * @return whether it is ours now
     */
    public boolean take(ClusterState next, int version, List<Ballot> votes) {
        Optional<String> latchPath = membership.latchPath();
        if (isClosed || latchPath.isEmpty() || !isSound() || !backers.vows().isStanding()) {
            return false;
        }
        membership.prepareRenewal();
        OptionalLong session = membership.sessionOf(latchPath.get());
        if (session.isEmpty() || !mayTake()) {
            return false;
        }
        Renewal first = holder.told().apply(next.epoch());
        BootTime before = clock.now();
        // Later contacts, which others make meanwhile, push those out that it rests on.
        BootTime deadline = deadline(before);
        if (!membership.take(latchPath.get(), next, version, votes, first).isDone()
                || membership.session() != session.getAsLong()) {
            return false;
        }
        backing.begin(next);
        Reign reign = new Reign(next.epoch(), before, deadline);
        contacts.add(before);
        String system = Objects.toString(next.systemIdentifier(), "-");
        hold(new Held(reign, latchPath.get(), session.getAsLong(), system));
        log.atInfo()
                .addKeyValue("epoch", next.epoch())
                .addKeyValue("leaseMs", settings.length().toMillis())
                .log("authority taken");
        return true;
    }

    /** A session shorter than the lease was calculated for could end before the lease does. */
    private boolean isSound() {
        if (!footing.isSwitchAlive().getAsBoolean()) {
            return false;
        }
        Duration granted = footing.negotiatedSession().get();
        boolean isLongEnough = granted.compareTo(settings.session()) >= 0;
        if (!isLongEnough && !granted.equals(lastRefused)) {
            lastRefused = granted;
            log.atError()
                    .addKeyValue("grantedMs", granted.toMillis())
                    .addKeyValue("configuredMs", settings.session().toMillis())
                    .log("no authority: ZooKeeper grants a shorter session than configured");
        }
        return isLongEnough;
    }

    /** Writes a new state under the authority held. */
    public Membership.Written write(ClusterState next, int version) {
        Held now = held;
        return now == null ? Membership.Written.NO : write(now.latchPath(), next, version);
    }

    private Membership.Written write(String latchPath, ClusterState next, int version) {
        if (!backing.beginWrite(next, clock.now())) {
            return Membership.Written.NO;
        }
        Membership.Written written = membership.write(latchPath, next, version);
        if (written == Membership.Written.YES) {
            backing.acknowledged(next);
        }
        return written;
    }

    /** Whether the lease rests on vows, for ZooKeeper is late or gone. */
    public boolean isUpheldByVows() {
        Held now = held;
        return now != null && backing.carries(now.reign().deadline());
    }

    /** What the record may say by now; a write that was not answered leaves it open. */
    public Backing backing() {
        return backing;
    }

    /** Gives the authority up; Postgres must be proven dead. */
    public Membership.Written release(ClusterState vacated, int version) {
        Held now = held;
        if (now == null) {
            return Membership.Written.NO;
        }
        forfeit("released");
        return membership.release(now.latchPath(), vacated, version);
    }

    /** Stops renewing and takes the permission back, without telling the cluster. */
    public synchronized void forfeit(String why) {
        Held lost = held;
        held = null;
        if (lost == null) {
            return;
        }
        revoke(lost.reign().epoch(), lost.system());
        log.atInfo()
                .addKeyValue("epoch", lost.reign().epoch())
                .addKeyValue("reason", why)
                .log("authority ended");
    }

    /**
     * Takes back whatever is permitted, by this life or by an earlier one whose lease may still
     * run.
     */
    public synchronized void permitNothing(String why) {
        forfeit(why);
        control.readLease()
                .filter(LeaseRecord::mayBePrimary)
                .ifPresent(former -> revoke(former.epoch(), former.system()));
    }

    private void keep(Supplier<Duration> going) {
        while (!isClosed) {
            LockSupport.parkNanos(going.get().toNanos());
        }
    }

    /**
     * The safe reaction to anything unforeseen: the lease is not renewed, and it is tried again.
     */
    private static Duration guarded(Callable<Duration> step) {
        try {
            return step.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception unforeseen) { // Whatever it was, nothing is renewed.
            if (!(unforeseen instanceof ClusterException)) {
                log.atError().setCause(unforeseen).log("renewal failed");
            }
        }
        return RETRY;
    }

    /** Renews what is held, if anything is; returns how long to wait before the next time. */
    public Duration renew() {
        Held now = held;
        return guarded(() -> now == null ? keepInContact() : renew(now));
    }

    private Duration keepInContact() {
        BootTime before = clock.now();
        membership.touch();
        contacts.add(before);
        return BETWEEN_CONTACTS;
    }

    private Duration renew(Held now) throws InterruptedException {
        BootTime before = clock.now();
        boolean isThere =
                membership.latchPath().map(now.latchPath()::equals).orElse(false)
                        && membership.session() == now.session();
        if (isThere && !isSound()) {
            return footing.isForsaken().test(now.reign().deadline())
                    ? giveUp("this member has not looked at its Postgres for too long")
                    : RETRY;
        }
        if (!isThere
                || !membership.renew(now.latchPath(), holder.told().apply(now.reign().epoch()))) {
            return withoutSession(now);
        }
        if (membership.session() != now.session()) {
            // It was another one that spoke for the node of the last.
            return RETRY;
        }
        extend(now, before);
        return settings.renewal();
    }

    private void extend(Held now, BootTime before) {
        BootTime deadline = deadline(before);
        contacts.add(before);
        Duration spare = now.reign().deadline().since(clock.now());
        if (spare.compareTo(settings.renewal()) < 0) {
            log.atWarn()
                    .addKeyValue("epoch", now.reign().epoch())
                    .addKeyValue("spareMs", spare.toMillis())
                    .log("lease nearly missed");
        }
        synchronized (this) {
            Held present = held;
            if (present == null
                    || !present.isOfSessionOf(now)
                    || !deadline.isAfter(present.reign().deadline())) {
                return;
            }
            hold(present.until(deadline));
        }
    }

    /**
     * The session that held the authority is gone. Others may have it already, unless all who could
     * have vowed not to take it: then it goes on under a new session, in the same epoch.
     */
    private Duration withoutSession(Held before) throws InterruptedException {
        // Vows have extended it meanwhile: a call to ZooKeeper may hang for long.
        Held now = held;
        if (now == null || !now.isOfSessionOf(before)) {
            return RETRY;
        }
        BootTime moment = clock.now();
        boolean isUpheld =
                now.reign().deadline().isAfter(moment)
                        && backing.until().filter(until -> until.isAfter(moment)).isPresent();
        return isUpheld ? reclaim(now) : giveUp("the session that held it is gone");
    }

    private Duration giveUp(String why) {
        forfeit(why);
        membership.leaveLatch();
        return RETRY;
    }

    /**
     * Writes the state again as it is, in one transaction with a look at the new latch node and the
     * version. Whatever anybody else is about to write on top of the old version is void then.
     */
    private Duration reclaim(Held now) throws InterruptedException {
        if (!membership.rejoinLatch(RECLAIM_PATIENCE)) {
            return RETRY;
        }
        Optional<String> latchPath = membership.latchPath();
        OptionalLong session =
                latchPath.isEmpty() ? OptionalLong.empty() : membership.sessionOf(latchPath.get());
        Optional<Membership.KnownState> known = membership.readState();
        if (session.isEmpty() || known.isEmpty() || !isSound()) {
            return RETRY;
        }
        ClusterState state = known.get().state();
        if (!isOurs(state, now.reign().epoch())) {
            return giveUp("the place was taken, or given up: epoch " + state.epoch());
        }
        Membership.Written written = write(latchPath.get(), state, known.get().version());
        // What is read back says nothing here: it looks the same if it was never written.
        if (written == Membership.Written.YES && membership.session() == session.getAsLong()) {
            resume(now, latchPath.get(), session.getAsLong());
        }
        return RETRY;
    }

    private boolean isOurs(ClusterState state, Epoch epoch) {
        return state.epoch().equals(epoch)
                && state.primary().equals(backers.self())
                && state.incarnation().equals(holder.incarnation())
                && state.phase() != ClusterState.Phase.VACANT;
    }

    private synchronized void resume(Held before, String latchPath, long session) {
        Held present = held;
        if (present == null || !present.isOfSessionOf(before)) {
            return;
        }
        held = present.by(latchPath, session);
        log.atInfo()
                .addKeyValue("epoch", present.reign().epoch())
                .log("authority reclaimed with a new session");
    }

    /**
     * Has the lease upheld by vows while ZooKeeper is late. On a thread of its own, for a call to
     * ZooKeeper may hang for longer than a lease. Returns how long to wait before the next look.
     */
    public Duration uphold() {
        return guarded(this::upholdIfDue);
    }

    private Duration upholdIfDue() throws InterruptedException {
        Held now = held;
        if (now == null) {
            return settings.renewal().dividedBy(2);
        }
        if (!footing.isSwitchAlive().getAsBoolean()) {
            return RETRY;
        }
        return appeals.keepUp(now.reign(), clock, until -> extendByVows(now, until));
    }

    /** What has run out meanwhile is not revived: its Postgres is being stopped. */
    private synchronized void extendByVows(Held asked, BootTime until) {
        Held present = held;
        if (present == null
                || !present.isSameReignAs(asked)
                || !present.reign().deadline().isAfter(clock.now())
                || !until.isAfter(present.reign().deadline())) {
            return;
        }
        hold(present.until(until));
    }

    private void hold(Held now) {
        writeLease(now.reign().epoch(), now.system(), true, now.reign().deadline());
        held = now;
    }

    private void revoke(Epoch epoch, String system) {
        writeLease(epoch, system, false, BootTime.ZERO);
        control.ringSupervisor();
    }

    private synchronized void writeLease(
            Epoch epoch, String system, boolean mayBePrimary, BootTime deadline) {
        control.writeLease(
                new LeaseRecord(
                        holder.cluster(),
                        system,
                        holder.incarnation(),
                        epoch,
                        mayBePrimary,
                        deadline,
                        ++sequence));
    }

    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(renewals);
        LockSupport.unpark(upkeep);
    }
}
