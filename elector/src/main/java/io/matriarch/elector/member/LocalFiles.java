package io.matriarch.elector.member;

import io.matriarch.elector.enactment.OwnFiles;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.postgres.PostgresVersion;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The data directory on this machine. */
final class LocalFiles implements OwnFiles {

    private final PostgresSettings settings;
    private final DataDirectory data;
    private final Configuration configuration;

    LocalFiles(PostgresSettings settings, Configuration configuration) {
        this.settings = settings;
        this.data = new DataDirectory(settings.dataDirectory());
        this.configuration = configuration;
    }

    @Override
    public Path path() {
        return data.path();
    }

    @Override
    public boolean isEmpty() {
        return data.isEmpty();
    }

    @Override
    public Optional<ControlFile> controlFile() {
        return data.controlFile();
    }

    @Override
    public Optional<TimelineHistory> history(TimelineId timeline) {
        return data.history(timeline);
    }

    @Override
    public Optional<DivergentWal> divergence(TimelineHistory other, TimelineId told) {
        return data.divergence(other, told);
    }

    @Override
    public Optional<String> obstacleToRewind() {
        return data.obstacleToRewind();
    }

    @Override
    public void configure(Role role) {
        configuration.write(role, PostgresVersion.ofMajor(data.majorVersion().orElseThrow()));
    }

    @Override
    public void adopt() {
        configuration.adopt();
    }

    @Override
    public List<String> initdb() {
        return List.of(
                "initdb",
                "--pgdata=" + data.path(),
                "--username=" + settings.superuser().user(),
                "--pwfile=" + settings.superuserPasswordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums");
    }

    @Override
    public List<String> rewind(Endpoint source) {
        return List.of(
                "pg_rewind",
                "--target-pgdata=" + data.path(),
                "--source-server=" + configuration.superuserConninfo(source),
                "--restore-target-wal");
    }

    @Override
    public List<String> copy(Endpoint source) {
        return List.of(
                "pg_basebackup",
                "--pgdata=" + data.path(),
                "--dbname=" + configuration.superuserConninfo(source),
                "--wal-method=stream",
                "--checkpoint=fast");
    }
}
