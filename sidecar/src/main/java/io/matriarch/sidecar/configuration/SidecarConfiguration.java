package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.push.ArchiveAlarm;
import io.matriarch.archiver.retention.RetentionPolicy;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.verification.VerificationOptions;
import io.matriarch.elector.cluster.ZooKeeperSettings;
import io.matriarch.elector.member.PostgresSettings;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Settings.Mode;
import io.matriarch.elector.situation.Settings.Patience;
import io.matriarch.elector.situation.Settings.Synchrony;
import io.matriarch.postgres.sql.Credentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * What {@code matriarch sidecar --config FILE} reads.
 *
 * @param keyring for whom the repository is encrypted, and with what it is decrypted here
 * @param api where the HTTP API listens
 * @param alarm when the log and the status say that WAL piles up
 */
public record SidecarConfiguration(
        ZooKeeperSettings zookeeper,
        Settings decisions,
        LeaseSettings lease,
        PostgresSettings postgres,
        StoreLocation repository,
        Keyring keyring,
        BackupSettings backup,
        VerifySettings verification,
        DrillSettings drill,
        Endpoint api,
        ArchiveAlarm alarm) {

    /**
     * When base backups are made, and which are kept.
     *
     * @param schedule {@code daily at HH:MM} in UTC, or {@code never}
     * @param settings how each is taken, unless somebody asks for another way
     * @param pruning when what is not kept is deleted, besides after each scheduled backup
     */
    public record BackupSettings(
            Schedule schedule,
            io.matriarch.archiver.backup.BackupSettings settings,
            RetentionPolicy retention,
            Schedule pruning) {}

    /**
     * When the archive is read back, and how.
     *
     * @param schedule {@code daily at HH:MM} in UTC, or {@code never}
     */
    public record VerifySettings(Schedule schedule, VerificationOptions options) {}

    private static final String HOST_PORT = "host:port, such as 10.0.0.1:5432";

    public static SidecarConfiguration read(Path file) {
        Section root = Section.read(file);
        ZooKeeperSettings zookeeper = ClusterSection.zookeeper(root);
        LeaseSettings lease = LeaseSettings.of(zookeeper.session(), zookeeper.tick());
        SidecarConfiguration read =
                new SidecarConfiguration(
                        zookeeper,
                        decisions(root),
                        lease,
                        postgres(root.section("postgres")),
                        RepositorySection.location(root),
                        EncryptionSection.checkedKeyring(root),
                        backup(root),
                        VerifySection.settings(root),
                        DrillSection.settings(root, file),
                        root.section("api").required("listen", HOST_PORT, Endpoint::parse),
                        ArchiveSection.alarm(root));
        root.refuseUnknown();
        return read;
    }

    private static Settings decisions(Section root) {
        Section member = root.section("member");
        Section synchronous = root.section("synchronous");
        return new Settings(
                member.required("name", "lower-case letters, digits, - and _", MemberName::parse),
                member.number("priority", 0),
                member.optional("may-bootstrap", true, "true or false", SidecarConfiguration::yes),
                new Synchrony(
                        synchronous.optional(
                                "mode", Mode.ON, "off, on or strict", SidecarConfiguration::mode),
                        synchronous.number("quorum", 1)),
                patience(root.section("switchover")),
                root.optional("failsafe", false, "true or false", SidecarConfiguration::yes),
                ElectionSection.concession(root),
                ElectionSection.mostLoss(root));
    }

    private static Patience patience(Section switchover) {
        Duration drain = switchover.duration("patience", Patience.DEFAULT.drain());
        try {
            return Patience.DEFAULT.withDrain(drain);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    private static boolean yes(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    /** YAML reads a bare {@code on} or {@code off} as a truth value. */
    private static Mode mode(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "on", "true" -> Mode.ON;
            case "off", "false" -> Mode.OFF;
            case "strict" -> Mode.STRICT;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static PostgresSettings postgres(Section postgres) {
        Section application = postgres.section("application");
        Credentials superuser =
                new Credentials(
                        postgres.text("superuser").orElse("postgres"),
                        postgres.secret("superuser-password-file"));
        Credentials replication =
                new Credentials(
                        postgres.text("replication-user").orElse("replicator"),
                        postgres.secret("replication-password-file"));
        boolean hasApplication = application.has("user");
        return new PostgresSettings(
                postgres.required("data-directory", "an absolute path", Path::of),
                postgres.required("control-directory", "an absolute path", Path::of),
                postgres.required("spool-directory", "an absolute path", Path::of),
                postgres.required("listen", HOST_PORT, Endpoint::parse),
                postgres.text("socket-directory").orElse(""),
                superuser,
                replication,
                hasApplication
                        ? new Credentials(
                                application.required("user", "a name"),
                                application.secret("password-file"))
                        : superuser,
                application.text("database").orElse("postgres"),
                postgres.required("superuser-password-file", "an absolute path", Path::of),
                postgres.section("parameters").all());
    }

    private static BackupSettings backup(Section root) {
        Section backup = root.section("backup");
        return new BackupSettings(
                backup.optional(
                        "schedule",
                        Schedule.parse("daily at 02:00"),
                        "daily at HH:MM (UTC), or never",
                        Schedule::parse),
                BackupSection.settings(backup),
                RetentionSection.policy(root),
                RetentionSection.schedule(root));
    }
}
