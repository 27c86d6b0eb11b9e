package io.matriarch.failover.side;

/** How Patroni and the HAProxy in front of it are set. */
public enum PatroniSettings {
    /** As they come: no commit waits for a standby. */
    DEFAULTS(
            "ttl: 30, loop_wait: 10, retry_timeout: 10, synchronous_mode: false",
            "inter 3s fall 3 rise 2"),

    /** As fast as Patroni accepts, and with the promise that Matriarch gives. */
    TUNED(
            "ttl: 20, loop_wait: 2, retry_timeout: 3, primary_start_timeout: 0,"
                    + " synchronous_mode: true",
            "inter 500ms fall 2 rise 1");

    private final String dynamic;
    private final String checks;

    PatroniSettings(String dynamic, String checks) {
        this.dynamic = dynamic;
        this.checks = checks;
    }

    public boolean isSynchronous() {
        return this == TUNED;
    }

    /** What a member's process needs to know. */
    public record Place(
            String name,
            String directory,
            String programs,
            int postgres,
            int rest,
            String zooKeeper,
            String password) {}

    public String patroni(Place place) {
        return """
        scope: peer
        name: %1$s
        restapi: {listen: "127.0.0.1:%4$d", connect_address: "127.0.0.1:%4$d"}
        zookeeper: {hosts: "%5$s"}
        bootstrap:
          dcs:
            %7$s
            maximum_lag_on_failover: 1048576
            postgresql:
              use_pg_rewind: true
              use_slots: true
              parameters:
                wal_level: replica
                hot_standby: "on"
                wal_log_hints: "on"
          initdb: [{encoding: UTF8}, data-checksums]
          pg_hba:
          - host all all 127.0.0.1/32 scram-sha-256
          - host replication all 127.0.0.1/32 scram-sha-256
        postgresql:
          listen: "127.0.0.1:%3$d"
          connect_address: "127.0.0.1:%3$d"
          data_dir: "%2$s/data"
          bin_dir: "%8$s"
          pgpass: "%2$s/pgpass"
          authentication:
            superuser: {username: postgres, password: "%6$s"}
            replication: {username: replicator, password: "%6$s"}
            rewind: {username: rewinder, password: "%6$s"}
          parameters:
            unix_socket_directories: "%2$s"
            password_encryption: scram-sha-256
            archive_mode: "on"
            archive_command: "exec %2$s/archive-wal %%p"
        """
                .formatted(
                        place.name,
                        place.directory,
                        place.postgres,
                        place.rest,
                        place.zooKeeper,
                        place.password,
                        dynamic.replace(", ", "\n    "),
                        place.programs);
    }

    /** With Patroni's own health checks, as its documentation shows it. */
    public String haproxy(int port, Iterable<Place> places) {
        StringBuilder text =
                new StringBuilder(
                        """
                        global
                            maxconn 500
                        defaults
                            mode tcp
                            retries 2
                            timeout client 30m
                            timeout connect 4s
                            timeout server 30m
                            timeout check 5s
                        listen primary
                            bind 127.0.0.1:%d
                            option httpchk OPTIONS /primary
                            http-check expect status 200
                            default-server %s on-marked-down shutdown-sessions
                        """
                                .formatted(port, checks));
        for (Place place : places) {
            text.append(
                    "    server %s 127.0.0.1:%d maxconn 100 check port %d%n"
                            .formatted(place.name, place.postgres, place.rest));
        }
        return text.toString();
    }
}
