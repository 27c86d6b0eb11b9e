package io.matriarch.elector.member;

import io.matriarch.elector.enactment.OwnFiles.Role;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The part of PostgreSQL's configuration that the sidecar owns: {@code matriarch.conf} in the data
 * directory, included at the end of {@code postgresql.conf}. Written whole each time.
 */
final class Configuration {

    static final String FILE = "matriarch.conf";

    /** A host without power says nothing any more, and nobody is to wait hours for that. */
    private static final String KEEPALIVE =
            "keepalives_idle=10 keepalives_interval=3 keepalives_count=3 tcp_user_timeout=10000";

    private final PostgresSettings settings;
    private final MemberName self;
    private final Path passwordFile;

    Configuration(PostgresSettings settings, MemberName self, Path passwordFile) {
        this.settings = settings;
        this.self = self;
        this.passwordFile = passwordFile;
    }

    /**
     * Writes the file for this role, and removes what {@code ALTER SYSTEM} would override of it;
     * the caller reloads or starts Postgres.
     */
    void write(Role role, PostgresVersion version) {
        StringBuilder text =
                new StringBuilder("# Written by Matriarch at every change of role. Do not edit.\n");
        parameters(role, version)
                .forEach((name, value) ->
                        text.append(name)
                                .append(" = '")
                                .append(value.replace("'", "''"))
                                .append("'\n"));
        Path file = settings.dataDirectory().resolve(FILE);
        try {
            WholeFiles.replace(file, text.toString());
            Overrides.remove(settings.dataDirectory());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private Map<String, String> parameters(Role role, PostgresVersion version) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("password_encryption", "scram-sha-256");
        all.put("max_wal_senders", "16");
        all.put("wal_keep_size", "512MB");
        // On a quiet cluster too, no commit stays out of the archive for longer than this.
        all.put("archive_timeout", "60s");
        all.put("wal_retrieve_retry_interval", "100ms");
        all.put("wal_sender_timeout", "10s");
        all.put("wal_receiver_timeout", "10s");
        all.put("tcp_keepalives_idle", "10");
        all.put("tcp_keepalives_interval", "3");
        all.put("tcp_keepalives_count", "3");
        all.put("tcp_user_timeout", "15s");
        all.putAll(new TreeMap<>(settings.parameters()));
        all.put("listen_addresses", settings.listen().host());
        all.put("port", Integer.toString(settings.listen().port()));
        all.put("unix_socket_directories", settings.socketDirectory());
        all.put("cluster_name", self.value());
        all.put("wal_level", walLevel(settings.parameters()));
        all.put("wal_log_hints", "on");
        all.put("hot_standby", "on");
        all.put("archive_mode", "on");
        all.put("archive_command", settings.scripts().archiveCommand());
        all.put("restore_command", role.usesArchive() ? settings.scripts().restoreCommand() : "");
        all.put("recovery_target_timeline", "latest");
        all.put("primary_conninfo", role.following() == null ? "" : conninfo(role.following()));
        all.put("synchronous_standby_names", role.synchronous().toSetting());
        if (version.hasPromoteTriggerFile()) {
            all.put(
                    "promote_trigger_file",
                    settings.controlDirectory().resolve("promote").toString());
        }
        return all;
    }

    private static String walLevel(Map<String, String> configured) {
        return configured.getOrDefault("wal_level", "replica").equals("logical")
                ? "logical"
                : "replica";
    }

    private String conninfo(Endpoint primary) {
        return String.format(
                Locale.ROOT,
                "host=%s port=%d user=%s passfile=%s application_name=%s connect_timeout=3 "
                        + KEEPALIVE,
                primary.host(),
                primary.port(),
                settings.replication().user(),
                passwordFile,
                self);
    }

    /** The connection string for rewinds and clones. */
    String superuserConninfo(Endpoint primary) {
        return String.format(
                Locale.ROOT,
                "host=%s port=%d user=%s dbname=postgres passfile=%s application_name=%s-rejoin connect_timeout=5 "
                        + KEEPALIVE,
                primary.host(),
                primary.port(),
                settings.superuser().user(),
                passwordFile,
                self);
    }

    /** Makes a fresh data directory read our file, and lets in whom the cluster needs. */
    void adopt() {
        Path main = settings.dataDirectory().resolve("postgresql.conf");
        Path access = settings.dataDirectory().resolve("pg_hba.conf");
        String include = "include_if_exists = '" + FILE + "'";
        try {
            if (!Files.readString(main).contains(include)) {
                Files.writeString(main, "\n" + include + "\n", StandardOpenOption.APPEND);
            }
            Files.write(
                    access,
                    List.of(
                            "# TYPE  DATABASE     USER  ADDRESS  METHOD",
                            "local   all          all            scram-sha-256",
                            "host    all          all   all      scram-sha-256",
                            "local   replication  all            scram-sha-256",
                            "host    replication  all   all      scram-sha-256"));
        } catch (IOException e) {
            throw new UncheckedIOException("the new cluster cannot be configured", e);
        }
    }
}
