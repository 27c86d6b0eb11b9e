package io.matriarch.elector.simulation.model;

import io.matriarch.elector.control.LeaseRecord;
import io.matriarch.elector.simulation.time.VirtualTime;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.BootTime;
import org.jspecify.annotations.Nullable;

/** A machine with one member on it, and a clock of its own. */
public final class Host {

    private final World world;
    private final int number;
    private final MemberName name;
    private final Endpoint endpoint;
    private final double rate;
    private final Disk disk;
    private final Postgres postgres;
    private final SidecarModel sidecar;
    private final SupervisorModel supervisor;
    private final ControlFiles control;

    private long bootedAt;
    private int boots = 1;
    private long wallStep;
    private boolean isDown;

    Host(World world, int number) {
        this.world = world;
        this.number = number;
        this.name = new MemberName("n" + (number + 1));
        this.endpoint = new Endpoint(name.value(), World.PORT);
        this.rate = world.plan().rateOf(number);
        this.bootedAt = -world.chance().between(100, 1_000_000) * VirtualTime.MILLIS;
        this.disk = new Disk(this, world);
        this.control = new ControlFiles(world, this);
        this.postgres = new Postgres(world, this);
        this.supervisor = new SupervisorModel(world, this, control);
        this.sidecar = new SidecarModel(world, this, control);
    }

    public int number() {
        return number;
    }

    public MemberName name() {
        return name;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public Disk disk() {
        return disk;
    }

    public Postgres postgres() {
        return postgres;
    }

    public SupervisorModel supervisor() {
        return supervisor;
    }

    public SidecarModel sidecar() {
        return sidecar;
    }

    /** What its sidecar last permitted; absent if nothing. */
    public @Nullable LeaseRecord lease() {
        return control.lease;
    }

    /** Whether a program is asked for that has not ended. */
    public boolean isToRunProgram() {
        return !control.outcomes.keySet().containsAll(control.jobs.keySet());
    }

    String bootId() {
        return name + "-boot-" + boots;
    }

    /** The boot clock, as coarse as the kernel shows it. */
    public BootTime bootTime() {
        long micros = (long) ((world.time().now() - bootedAt) * rate);
        return new BootTime(micros / 10_000 * 10);
    }

    /** When this host's clock will show {@code then}. */
    public long momentOf(BootTime then) {
        return bootedAt + (long) (then.millis() * VirtualTime.MILLIS / rate);
    }

    /** Wall clock minus boot clock. */
    public long wallOffset() {
        return wallStep;
    }

    void stepWallClock(long millis) {
        wallStep += millis;
    }

    void open() {
        supervisor.open();
        sidecar.open();
    }

    // What may become of it.

    void reviveSidecar() {
        if (!isDown && sidecar.life().isDead()) {
            sidecar.open();
        }
    }

    void reviveSupervisor() {
        if (!isDown && supervisor.life().isDead()) {
            supervisor.open();
        }
    }

    /** The power fails: every process is gone, and so is what was in memory. */
    boolean crash() {
        if (isDown) {
            return false;
        }
        isDown = true;
        sidecar.kill();
        supervisor.kill();
        supervisor.programs().killAll();
        postgres.kill();
        control.forgetAll();
        return true;
    }

    void boot() {
        if (!isDown) {
            return;
        }
        isDown = false;
        boots++;
        bootedAt = world.time().now() - 20 * VirtualTime.SECONDS;
        open();
    }

    boolean isDown() {
        return isDown;
    }

    @Override
    public String toString() {
        return name.value();
    }
}
