package io.matriarch.elector.enactment;

import io.matriarch.elector.control.Job;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.sql.Credentials;
import io.matriarch.postgres.sql.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The making of a new cluster: initdb, configuration, roles. */
final class Founding {

    private static final Logger log = LoggerFactory.getLogger(Founding.class);
    private static final Duration INITDB_PATIENCE = Duration.ofMinutes(5);

    private final PostgresSettings settings;
    private final MemberDirectory member;
    private final Configuration configuration;
    private final Supervisor supervisor;

    Founding(
            PostgresSettings settings,
            MemberDirectory member,
            Configuration configuration,
            Supervisor supervisor) {
        this.settings = settings;
        this.member = member;
        this.configuration = configuration;
        this.supervisor = supervisor;
    }

    /** Runs initdb; what an earlier try left is moved aside, for it was marked as incomplete. */
    void initialise(Epoch epoch) throws InterruptedException, TimeoutException {
        DataDirectory data = new DataDirectory(settings.dataDirectory());
        if (!data.isEmpty()) {
            if (member.repair() != Repair.REPLACE) {
                throw new IllegalStateException(
                        settings.dataDirectory() + " is not empty: initdb is not run over it");
            }
            member.setAside(settings.dataDirectory());
        }
        member.noteRepair(Repair.REPLACE);
        Job job =
                new Job(
                        "initdb-" + epoch,
                        List.of(
                                "initdb",
                                "--pgdata=" + settings.dataDirectory(),
                                "--username=" + settings.superuser().user(),
                                "--pwfile=" + settings.superuserPasswordFile(),
                                "--auth=scram-sha-256",
                                "--encoding=UTF8",
                                "--locale=C.UTF-8",
                                "--data-checksums"));
        Job.Outcome outcome = supervisor.run(job, INITDB_PATIENCE);
        if (!outcome.isSuccess()) {
            throw new IllegalStateException(
                    "initdb ended with " + outcome.exitStatus() + ": " + outcome.output());
        }
        PostgresVersion version = PostgresVersion.ofMajor(data.majorVersion().orElseThrow());
        configuration.adopt();
        configuration.write(Configuration.Role.standing(SynchronousSet.NONE), version);
        member.noteSound();
        log.atInfo()
                .addKeyValue("dataDirectory", settings.dataDirectory())
                .log("cluster initialised");
    }

    /** Creates the roles and the database that the configuration names, unless they are there. */
    void createRoles(PostgresServer server) {
        createRole(server, settings.replication(), "REPLICATION");
        Credentials application = settings.application();
        if (application.user().equals(settings.superuser().user())) {
            return;
        }
        createRole(server, application, "CREATEDB");
        String database = settings.applicationDatabase();
        boolean isThere =
                server.queryText("SELECT 1 FROM pg_database WHERE datname = " + literal(database))
                        .isPresent();
        if (!isThere) {
            server.execute(
                    "CREATE DATABASE "
                            + identifier(database)
                            + " OWNER "
                            + identifier(application.user()));
        }
    }

    private static void createRole(PostgresServer server, Credentials role, String attribute) {
        String known = "SELECT 1 FROM pg_roles WHERE rolname = " + literal(role.user());
        if (server.queryText(known).isEmpty()) {
            server.execute(
                    "CREATE ROLE "
                            + identifier(role.user())
                            + " LOGIN "
                            + attribute
                            + " PASSWORD "
                            + literal(role.password()));
        }
    }

    private static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
