package io.matriarch.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.RunningBackup;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupCommandTest {

    private static String sentence(String result) {
        return BackupCommand.sentence(
                Request.of("r", Kind.BACKUP, null, Map.of())
                        .now(Progress.DONE, "base backup x taken", result));
    }

    @Test
    void a_backup_is_told_with_who_took_it() {
        assertThat(
                        sentence(
                                """
                                {"id": "x", "member": "n3", "standby": true, "bytes": 2048,
                                 "storedBytes": 1024, "durationMillis": 670, "corruptPages": 0}\
                                """))
                .isEqualTo(
                        "base backup x taken from standby n3 in 0.67 s: 2.0 kB, 1.0 kB in the"
                                + " repository");
    }

    @Test
    void corrupt_pages_of_the_cluster_are_a_warning() {
        assertThat(
                        sentence(
                                """
                                {"id": "x", "member": "n1", "standby": false, "bytes": 2048,
                                 "storedBytes": 1024, "durationMillis": 670, "corruptPages": 2}\
                                """))
                .contains("from primary n1")
                .contains("WARNING: 2 pages of the cluster itself are corrupt");
    }

    @Test
    void what_an_older_member_says_is_understood() {
        assertThat(
                        sentence(
                                """
                                {"id": "x", "bytes": 0, "storedBytes": 0, "durationMillis": 0}\
                                """))
                .isEqualTo("base backup x taken in 0.00 s: 0 B, 0 B in the repository");
        assertThat(sentence("")).isEqualTo("base backup x taken");
    }

    @Test
    void what_is_not_known_of_a_running_backup_is_left_out() {
        RunningBackup unknown =
                new RunningBackup(
                        new MemberName("n1"), "r", "", "beginning", 0, 0, 0, Instant.EPOCH);
        RunningBackup half =
                new RunningBackup(
                        new MemberName("n1"), "r", "x", "copying", 4, 10, 3, Instant.EPOCH);

        assertThat(BackupView.of(unknown).id()).isNull();
        assertThat(BackupView.of(unknown).remainingMillis()).isNull();
        assertThat(BackupView.of(half).remainingMillis()).isEqualTo(2000);
    }
}
