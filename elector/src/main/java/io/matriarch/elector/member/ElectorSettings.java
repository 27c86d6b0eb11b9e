package io.matriarch.elector.member;

import io.matriarch.elector.enactment.MemberCycle;
import io.matriarch.elector.situation.LeaseSettings;
import io.matriarch.elector.situation.Settings;
import io.matriarch.elector.situation.Situation.Identity;
import io.matriarch.postgres.sql.ServerAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * All that one member is configured with.
 *
 * @param api base URL of this sidecar's HTTP API, told to others
 * @param sidecarVersion told to others
 */
public record ElectorSettings(
        String cluster,
        Settings decisions,
        LeaseSettings lease,
        PostgresSettings postgres,
        MemberDirectory memberDirectory,
        String api,
        String sidecarVersion) {

    MemberCycle.Profile profile() {
        return new MemberCycle.Profile(
                cluster,
                new Identity(decisions.self(), memberDirectory.incarnation(), postgres.listen()),
                decisions,
                lease,
                api,
                sidecarVersion);
    }

    /** The own Postgres, for this sidecar. */
    public ServerAddress localServer() {
        return ServerAddress.tcp(
                postgres.listen().host(), postgres.listen().port(), postgres.superuser());
    }

    /** Writes the passwords that libpq needs where only the owner can read them. */
    Path writePasswords() {
        return memberDirectory.writePasswordFile(
                List.of(
                        line(postgres.superuser().user(), postgres.superuser().password()),
                        line(postgres.replication().user(), postgres.replication().password())));
    }

    private static String line(String user, String password) {
        return "*:*:*:" + escape(user) + ":" + escape(password);
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace(":", "\\:");
    }
}
