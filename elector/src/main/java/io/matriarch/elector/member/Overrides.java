package io.matriarch.elector.member;

import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code ALTER SYSTEM} has set of the settings that are the elector's. PostgreSQL reads {@code
 * postgresql.auto.conf} last of all files, so there it would win: a primary that no standby shares
 * its commits with though the record promises it, a standby that follows nobody.
 */
final class Overrides {

    static final String FILE = "postgresql.auto.conf";

    private static final Logger log = LoggerFactory.getLogger(Overrides.class);
    private static final Pattern LINE = Pattern.compile("[^\\n]*\\n|[^\\n]+");
    private static final Pattern SETTING =
            Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.$]*).*", Pattern.DOTALL);

    /** All that makes a server a primary or a standby, and where it is reached and archives. */
    private static final Set<String> OWN =
            Set.of(
                    "listen_addresses",
                    "port",
                    "unix_socket_directories",
                    "cluster_name",
                    "wal_log_hints",
                    "hot_standby",
                    "archive_mode",
                    "archive_command",
                    "archive_library",
                    "restore_command",
                    "primary_conninfo",
                    "primary_slot_name",
                    "promote_trigger_file",
                    "synchronous_standby_names");

    private static final String TARGETS = "recovery_target";

    private Overrides() {}

    /** Takes them out of the file, if there are any. All other lines stay as they are. */
    static void remove(Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve(FILE);
        String text;
        try {
            // Each byte is one character, whatever the file is encoded in.
            text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return;
        }
        StringBuilder kept = new StringBuilder();
        Set<String> removed = new TreeSet<>();
        for (String line : LINE.matcher(text).results().map(MatchResult::group).toList()) {
            Matcher setting = SETTING.matcher(line);
            String name = setting.matches() ? setting.group(1).toLowerCase(Locale.ROOT) : "";
            if (OWN.contains(name) || name.startsWith(TARGETS)) {
                removed.add(name);
            } else {
                kept.append(line);
            }
        }
        if (removed.isEmpty()) {
            return;
        }
        WholeFiles.rewriteDurably(file, kept.toString().getBytes(StandardCharsets.ISO_8859_1));
        log.atWarn()
                .addKeyValue("settings", String.join(", ", removed))
                .addKeyValue("file", file)
                .log("settings that are the elector's are taken back from ALTER SYSTEM");
    }
}
