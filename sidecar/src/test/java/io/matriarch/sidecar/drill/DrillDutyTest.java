package io.matriarch.sidecar.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.sidecar.configuration.ConfigurationException;
import io.matriarch.sidecar.configuration.DrillSettings;
import io.matriarch.sidecar.configuration.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DrillDutyTest {

    private static final Instant MIDNIGHT = Instant.parse("2026-11-21T00:00:00Z");

    @TempDir private Path folder;

    private final List<Instant> held = new ArrayList<>();
    private final Deque<Integer> statuses = new ArrayDeque<>();

    private static Instant at(String time) {
        return Instant.parse("2026-11-21T" + time + "Z");
    }

    /** Looks every minute from one time to another. */
    private void lookFrom(DrillDuty duty, Instant from, Instant to) throws InterruptedException {
        for (Instant now = from; now.isBefore(to); now = now.plusSeconds(60)) {
            int before = held.size();
            duty.look(now);
            if (held.size() > before) {
                held.set(before, now);
            }
        }
    }

    private DrillDuty duty(String schedule, Instant begun) {
        return new DrillDuty(
                Schedule.parse(schedule),
                () -> {
                    held.add(Instant.EPOCH);
                    return statuses.isEmpty() ? 0 : statuses.remove();
                },
                begun);
    }

    @Test
    void one_is_held_when_it_is_due_and_again_the_next_day() throws InterruptedException {
        DrillDuty duty = duty("daily at 03:30", MIDNIGHT);

        lookFrom(duty, MIDNIGHT, MIDNIGHT.plusSeconds(2 * 86_400));

        assertThat(held).containsExactly(at("03:30:00"), at("03:30:00").plusSeconds(86_400));
    }

    @Test
    void what_was_due_before_the_sidecar_began_is_not_made_up_for() throws InterruptedException {
        DrillDuty duty = duty("daily at 03:30", at("04:00:00"));

        lookFrom(duty, at("04:00:00"), at("23:00:00"));

        assertThat(held).isEmpty();
    }

    @Test
    void one_that_has_failed_stands_until_the_next_is_due() throws InterruptedException {
        statuses.add(6);
        DrillDuty duty = duty("daily at 03:30", MIDNIGHT);

        lookFrom(duty, MIDNIGHT, at("23:00:00"));

        assertThat(held).hasSize(1);
    }

    @Test
    void one_that_did_not_reach_the_store_is_held_again_later_and_later()
            throws InterruptedException {
        statuses.addAll(List.of(4, 4, 4, 0));
        DrillDuty duty = duty("daily at 03:30", MIDNIGHT);

        lookFrom(duty, MIDNIGHT, at("23:00:00"));

        assertThat(held)
                .containsExactly(at("03:30:00"), at("03:31:00"), at("03:32:00"), at("03:34:00"));
    }

    private DrillSettings settings(Optional<Path> programs, Optional<String> owner) {
        return new DrillSettings(
                Schedule.parse("daily at 03:30"),
                folder.resolve("matriarch.yaml"),
                folder,
                programs,
                owner,
                "postgres",
                "random",
                Optional.empty(),
                "postgres",
                Map.of());
    }

    private Path programs() throws Exception {
        Path programs = Files.createDirectories(folder.resolve("usual/15/bin"));
        Path control = Files.createFile(programs.resolve("pg_ctl"));
        Files.setPosixFilePermissions(control, PosixFilePermissions.fromString("rwxr-xr-x"));
        return programs;
    }

    @Test
    void a_host_without_the_programs_is_refused_at_the_start() {
        assertThatThrownBy(() ->
                        DrillProcess.of(
                                settings(Optional.empty(), Optional.of("daemon")),
                                "/bin/matriarch",
                                folder.resolve("usual")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("holds no pg_ctl")
                .hasMessageContaining("hold it elsewhere");
        assertThatThrownBy(() ->
                        DrillProcess.of(
                                settings(Optional.of(folder), Optional.of("daemon")),
                                "/bin/matriarch",
                                folder.resolve("usual")))
                .hasMessageContaining("drill.programs: " + folder);
    }

    @Test
    void so_is_root_as_the_servers_user() throws Exception {
        Path programs = programs();

        assertThatThrownBy(() ->
                        DrillProcess.of(
                                settings(Optional.of(programs), Optional.of("root")),
                                "/bin/matriarch",
                                folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("drill.owner: root");
    }

    @Test
    void so_is_a_sidecar_that_does_not_know_its_program() throws Exception {
        Path programs = programs();

        assertThatThrownBy(() ->
                        DrillProcess.of(
                                settings(Optional.of(programs), Optional.of("daemon")),
                                null,
                                folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("bin/matriarch");
    }

    @Test
    void it_runs_as_a_process_whose_status_counts() throws Exception {
        Path launcher =
                Files.writeString(
                        folder.resolve("launcher"),
                        "#!/bin/sh\ncat /proc/self/oom_score_adj > "
                                + folder.resolve("seen")
                                + "\necho \"! failed at $1\"\nexit 6\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path usual = programs().resolve("../..").normalize();

        DrillProcess process =
                DrillProcess.of(
                        settings(Optional.empty(), Optional.of("daemon")),
                        launcher.toString(),
                        usual);

        assertThat(process.hold()).isEqualTo(6);
        assertThat(Files.readString(folder.resolve("seen"))).startsWith("1000");
    }
}
