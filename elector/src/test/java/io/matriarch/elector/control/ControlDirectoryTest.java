package io.matriarch.elector.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sidecar's end of the control directory. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ControlDirectoryTest {

    private static final Job REWIND = new Job("pg-rewind-3", List.of("pg_rewind", "--progress"));

    @TempDir Path folder;

    @Test
    void a_job_is_unfinished_until_its_outcome_is_there() throws IOException {
        ControlDirectory control = new ControlDirectory(folder);
        assertThat(control.unfinished()).isEmpty();

        control.submit(REWIND);
        Files.writeString(folder.resolve("jobs/pg-rewind-3.run"), "of the supervisor");
        control.stop(REWIND);

        assertThat(control.unfinished()).containsExactly(REWIND);

        Files.writeString(folder.resolve("jobs/pg-rewind-3.done"), "143\nended\n");

        assertThat(control.unfinished()).isEmpty();
        assertThat(control.outcome(REWIND)).contains(new Job.Outcome(143, "ended"));
    }
}
