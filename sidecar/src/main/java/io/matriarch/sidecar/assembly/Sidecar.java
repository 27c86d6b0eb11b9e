package io.matriarch.sidecar.assembly;

import io.matriarch.archiver.claim.CautiousStore;
import io.matriarch.archiver.encryption.EncryptionException;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.elector.cluster.ClusterConnection;
import io.matriarch.elector.control.ControlDirectory;
import io.matriarch.elector.enactment.Authority;
import io.matriarch.elector.member.Elector;
import io.matriarch.elector.member.ElectorSettings;
import io.matriarch.elector.member.HttpElectors;
import io.matriarch.elector.member.MemberDirectory;
import io.matriarch.elector.member.SessionAnswers;
import io.matriarch.elector.member.Waker;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.sidecar.configuration.SidecarConfiguration;
import io.matriarch.sidecar.drill.DrillDuty;
import io.matriarch.sidecar.drill.DrillWatch;
import io.matriarch.sidecar.http.HttpApi;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running sidecar. */
final class Sidecar implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Sidecar.class);

    private final ClusterConnection cluster;
    private final Archiving archiving;
    private final HttpElectors electors;
    private final Elector elector;
    private final SessionAnswers sessions;
    private final BackupDuty backups;
    private final BackupWork backupWork;
    private final Verifying verifying;
    private final Optional<DrillDuty> drills;
    private final DrillWatch drillWatch;
    private final Ear ear;
    private final HttpApi api;

    private Sidecar(SidecarConfiguration configuration) {
        this.drills = DrillDuty.of(configuration.drill());
        Waker waker = new Waker();
        ControlDirectory control = scripts(configuration);
        ElectorSettings settings = settings(configuration);
        AtomicReference<@Nullable Elector> reference = new AtomicReference<>();
        this.cluster = new ClusterConnection(configuration.zookeeper(), waker::wake);
        this.archiving =
                new Archiving(
                        configuration,
                        new CautiousStore(
                                ObjectStore.open(
                                        StoreSettings.of(configuration.repository()),
                                        configuration.keyring())),
                        cluster,
                        () -> authority(reference));
        this.electors = new HttpElectors(cluster, configuration.decisions().self());
        this.elector =
                new Elector(settings, cluster, waker, clone(configuration), electors, archiving);
        reference.set(elector);
        this.sessions =
                new SessionAnswers(
                        cluster,
                        configuration.decisions().self(),
                        settings.localServer(),
                        () -> elector.authority().validEpoch());
        this.backups = new BackupDuty(configuration, cluster, archiving);
        this.backupWork = new BackupWork(configuration, cluster, archiving, settings.localServer());
        this.verifying = new Verifying(configuration, cluster, archiving);
        this.drillWatch = new DrillWatch(archiving.store(), archiving::layout);
        this.ear =
                new Ear(
                        control,
                        () -> {
                            waker.wake();
                            archiving.wake();
                        });
        cluster.open();
        archiving.open();
        electors.open();
        elector.open();
        ear.open();
        backups.open();
        backupWork.open();
        verifying.open();
        drillWatch.open();
        drills.ifPresent(DrillDuty::open);
        this.api =
                HttpApi.of(
                        new ElectorHealth(elector, cluster, archiving, drillWatch),
                        question -> electors.answer(question, elector::vow),
                        sessions::answer,
                        configuration.api());
        tellOf(configuration);
    }

    private static void tellOf(SidecarConfiguration configuration) {
        log.atInfo()
                .addKeyValue("member", configuration.decisions().self())
                .addKeyValue("leaseMs", configuration.lease().length().toMillis())
                .addKeyValue("api", configuration.api())
                .log("sidecar runs");
        tellOf(configuration.keyring());
    }

    /** What is wrong here was refused before; the rest may mend, and is asked for when needed. */
    private static void tellOf(Keyring keyring) {
        if (keyring.isEncrypting()) {
            log.atInfo()
                    .addKeyValue("keys", keyring.encryptedFor().orElseThrow())
                    .log("what is archived is encrypted");
        }
        try {
            if (!keyring.isWriteOnly()) {
                log.atInfo()
                        .addKeyValue("keys", String.join(" ", keyring.identities().fingerprints()))
                        .log("identities are at hand");
            } else if (keyring.isEncrypting()) {
                log.atInfo().log("this host can write the archive and not read it");
            }
        } catch (EncryptionException e) {
            log.atWarn()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("hint", e.hint())
                    .log("identities cannot be had now");
        }
    }

    static Sidecar open(SidecarConfiguration configuration) {
        return new Sidecar(configuration);
    }

    private ArchiveClone clone(SidecarConfiguration configuration) {
        return new ArchiveClone(
                archiving.store(),
                system -> Archiving.layout(configuration, system),
                cluster::archiveOwner,
                () -> cluster.view().flatMap(ClusterView::committedTimeline));
    }

    private static ControlDirectory scripts(SidecarConfiguration configuration) {
        ControlDirectory control =
                new ControlDirectory(configuration.postgres().controlDirectory());
        control.create();
        configuration.postgres().scripts().install();
        return control;
    }

    private static ElectorSettings settings(SidecarConfiguration configuration) {
        return new ElectorSettings(
                configuration.zookeeper().cluster(),
                configuration.decisions(),
                configuration.lease(),
                configuration.postgres(),
                new MemberDirectory(configuration.postgres().memberDirectory()),
                "http://" + configuration.api(),
                version());
    }

    private static String version() {
        String version = Sidecar.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static Authority authority(AtomicReference<@Nullable Elector> reference) {
        Elector elector = reference.get();
        if (elector == null) {
            throw new IllegalStateException("the archiver asked before the elector was there");
        }
        return elector.authority();
    }

    /** A primary's session is left to expire, after the lease that stands on it. */
    @Override
    public void close() {
        api.close();
        backups.close();
        verifying.close();
        drillWatch.close();
        drills.ifPresent(DrillDuty::close);
        backupWork.close();
        ear.close();
        elector.close();
        sessions.close();
        electors.close();
        boolean mayHoldAuthority = elector.isRunning() || elector.authority().reign().isPresent();
        archiving.close();
        if (!mayHoldAuthority) {
            cluster.close();
        }
    }
}
