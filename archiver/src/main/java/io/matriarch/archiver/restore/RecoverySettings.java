package io.matriarch.archiver.restore;

import io.matriarch.archiver.planning.RestorePlan;
import io.matriarch.archiver.planning.RestoreTarget;
import io.matriarch.postgres.PostgresVersion;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The settings of a restored server, as lines for the end of {@code postgresql.auto.conf}: that
 * file is read last, and in it the last line wins, so they hold over all that the backup brought
 * along.
 */
public final class RecoverySettings {

    public static final String FILE = "postgresql.auto.conf";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    private RecoverySettings() {}

    static String lines(RestorePlan plan, RestoreMode mode) {
        Map<String, String> settings =
                switch (mode) {
                    case RestoreMode.Recover recover -> recovery(plan, recover);
                    case RestoreMode.AsStandby(var given) -> given;
                };
        StringBuilder lines =
                new StringBuilder("\n# Set by the restore of backup ")
                        .append(plan.backup().id())
                        .append(".\n");
        settings.forEach((name, value) ->
                lines.append(name).append(" = ").append(quoted(value)).append('\n'));
        return lines.toString();
    }

    private static Map<String, String> recovery(RestorePlan plan, RestoreMode.Recover mode) {
        Map<String, String> settings = new LinkedHashMap<>();
        alone(new PostgresVersion(plan.backup().server().version()), settings);
        mode.port().ifPresent(port -> settings.put("port", Integer.toString(port)));
        settings.put("restore_command", "sh " + RestoreFolder.path("fetch") + " \"%f\" \"%p\"");
        settings.put("recovery_target_timeline", plan.timeline().toString());
        settings.put("recovery_target_action", mode.action().name().toLowerCase(Locale.ROOT));
        target(plan.target(), settings);
        return settings;
    }

    /** A restored server must not talk to its old cluster, nor be found by it. */
    private static void alone(PostgresVersion version, Map<String, String> settings) {
        settings.put("archive_mode", "off");
        settings.put("archive_command", "");
        if (version.major() >= 15) {
            settings.put("archive_library", "");
        }
        if (version.hasPromoteTriggerFile()) {
            settings.put("promote_trigger_file", "");
        }
        settings.put("primary_conninfo", "");
        settings.put("primary_slot_name", "");
        settings.put("archive_cleanup_command", "");
        settings.put("recovery_end_command", "");
        settings.put("recovery_min_apply_delay", "0");
        settings.put("synchronous_standby_names", "");
        // A publisher gives each change once: to who comes first with the subscription's name.
        settings.put("max_logical_replication_workers", "0");
        settings.put("hot_standby", "on");
        settings.put("listen_addresses", "localhost");
    }

    private static void target(RestoreTarget target, Map<String, String> settings) {
        String wanted = "recovery_target" + suffix(target);
        for (String suffix : new String[] {"", "_time", "_lsn", "_xid", "_name"}) {
            // Emptied before, and not after, the one that counts: the server takes them in this
            // order.
            if (!wanted.equals("recovery_target" + suffix)) {
                settings.put("recovery_target" + suffix, "");
            }
        }
        switch (target) {
            case RestoreTarget.Latest() -> settings.put(wanted, "");
            case RestoreTarget.Immediate() -> settings.put(wanted, "immediate");
            case RestoreTarget.PointInTime(var time, boolean inclusive) ->
                    set(settings, wanted, TIME.format(time), inclusive);
            case RestoreTarget.AtLsn(var lsn, boolean inclusive) ->
                    set(settings, wanted, lsn.toString(), inclusive);
            case RestoreTarget.Xid(long xid, boolean inclusive) ->
                    set(settings, wanted, Long.toString(xid), inclusive);
            case RestoreTarget.RestorePoint(var name) -> settings.put(wanted, name);
        }
    }

    private static String suffix(RestoreTarget target) {
        return switch (target) {
            case RestoreTarget.Latest _, RestoreTarget.Immediate _ -> "";
            case RestoreTarget.PointInTime _ -> "_time";
            case RestoreTarget.AtLsn _ -> "_lsn";
            case RestoreTarget.Xid _ -> "_xid";
            case RestoreTarget.RestorePoint _ -> "_name";
        };
    }

    private static void set(
            Map<String, String> settings, String name, String value, boolean inclusive) {
        settings.put(name, value);
        settings.put("recovery_target_inclusive", inclusive ? "on" : "off");
    }

    private static String quoted(String value) {
        if (value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("setting: " + value + " (expected: one line)");
        }
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
