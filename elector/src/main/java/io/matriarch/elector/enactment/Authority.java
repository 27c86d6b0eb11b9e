package io.matriarch.elector.enactment;

import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.elector.cluster.Membership;
import io.matriarch.elector.control.ControlChannel;
import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Reign;
import io.matriarch.postgres.BootTime;
import io.matriarch.postgres.host.BootClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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
    private final Contacts contacts;
    private final Thread renewals;

    private volatile @Nullable Held held;
    private volatile boolean isClosed;
    private volatile Duration lastRefused = Duration.ofMillis(-1);
    private long sequence;

    /** Whose lease it is, for the record. */
    public record LeaseHolder(String cluster, String incarnation) {}

    /**
     * What the authority stands on; without it none is taken or renewed.
     *
     * @param isSwitchAlive whether the supervisor's heartbeat is fresh: no dead man's switch, no
     *     lead
     * @param negotiatedSession the session timeout that ZooKeeper granted, which may not be the one
     *     asked for
     */
    public record Footing(BooleanSupplier isSwitchAlive, Supplier<Duration> negotiatedSession) {}

    private record Held(Reign reign, String latchPath, String system) {}

    public Authority(
            Membership membership,
            ControlChannel control,
            BootClock clock,
            LeaseSettings settings,
            LeaseHolder holder,
            Footing footing) {
        this.membership = membership;
        this.control = control;
        this.clock = clock;
        this.settings = settings;
        this.holder = holder;
        this.footing = footing;
        this.contacts = new Contacts(settings.tick());
        this.sequence = control.readLease().map(LeaseRecord::sequence).orElse(0L);
        this.renewals = Thread.ofPlatform().name("lease").daemon().unstarted(this::keepRenewing);
    }

    public Authority open() {
        renewals.start();
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
        if (isClosed || latchPath.isEmpty() || !isSound()) {
            return false;
        }
        membership.prepareRenewal();
        if (!mayTake()) {
            return false;
        }
        BootTime before = clock.now();
        // Later contacts, which others make meanwhile, push those out that it rests on.
        BootTime deadline = deadline(before);
        if (membership.take(latchPath.get(), next, version, votes) == Membership.Written.NO) {
            return false;
        }
        Reign reign = new Reign(next.epoch(), before, deadline);
        contacts.add(before);
        String system = next.systemIdentifier() == null ? "-" : next.systemIdentifier().toString();
        Held taken = new Held(reign, latchPath.get(), system);
        permit(taken);
        held = taken;
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
        return now == null
                ? Membership.Written.NO
                : membership.write(now.latchPath(), next, version);
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

    private void keepRenewing() {
        while (!isClosed) {
            LockSupport.parkNanos(renew().toNanos());
        }
    }

    /** Renews what is held, if anything is; returns how long to wait before the next time. */
    public Duration renew() {
        Held now = held;
        return now == null ? keepInContact() : renew(now);
    }

    private Duration keepInContact() {
        BootTime before = clock.now();
        try {
            membership.touch();
        } catch (ClusterException unreachable) {
            return RETRY;
        }
        contacts.add(before);
        return BETWEEN_CONTACTS;
    }

    private Duration renew(Held now) {
        if (!membership.latchPath().map(now.latchPath()::equals).orElse(false)) {
            forfeit("the session that held it is gone");
            membership.leaveLatch();
            return RETRY;
        }
        if (!isSound()) {
            return RETRY;
        }
        BootTime before = clock.now();
        try {
            if (!membership.renew(now.latchPath(), now.reign().epoch())) {
                forfeit("the session that held it is gone");
                membership.leaveLatch();
                return RETRY;
            }
        } catch (ClusterException unknown) {
            return RETRY;
        } catch (RuntimeException bug) {
            // The safe reaction to anything unforeseen: the lease is not renewed.
            log.atError().setCause(bug).log("renewal failed");
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
        Held extended =
                new Held(
                        new Reign(now.reign().epoch(), now.reign().since(), deadline),
                        now.latchPath(),
                        now.system());
        synchronized (this) {
            if (!now.equals(held)) {
                return;
            }
            permit(extended);
            held = extended;
        }
    }

    private synchronized void permit(Held now) {
        control.writeLease(
                new LeaseRecord(
                        holder.cluster(),
                        now.system(),
                        holder.incarnation(),
                        now.reign().epoch(),
                        true,
                        now.reign().deadline(),
                        ++sequence));
    }

    private synchronized void revoke(Epoch epoch, String system) {
        control.writeLease(
                new LeaseRecord(
                        holder.cluster(),
                        system,
                        holder.incarnation(),
                        epoch,
                        false,
                        BootTime.ZERO,
                        ++sequence));
        control.ringSupervisor();
    }

    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(renewals);
    }
}
