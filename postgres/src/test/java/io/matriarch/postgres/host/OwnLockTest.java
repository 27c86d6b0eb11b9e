package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnLockTest {

    @TempDir private Path directory;

    @Test
    void one_at_a_time_holds_it_and_the_next_may_when_it_is_given_back() throws IOException {
        Path file = directory.resolve("below/lock");
        OwnLock first = OwnLock.tryTake(file).orElseThrow();

        Optional<OwnLock> second = OwnLock.tryTake(file);
        first.close();
        Optional<OwnLock> third = OwnLock.tryTake(file);

        assertThat(second).isEmpty();
        assertThat(third).isPresent();
        third.orElseThrow().close();
    }
}
