package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DiskRoomTest {

    @TempDir private Path folder;
    private final DiskRoom room = new DiskRoom();
    private long size;

    @BeforeEach
    void measured() throws IOException {
        size = Files.getFileStore(folder).getTotalSpace();
    }

    @Test
    void what_fits_is_no_shortage() {
        room.add(folder, 1);

        assertThat(room.shortages()).isEmpty();
    }

    @Test
    void places_on_one_file_system_are_summed_up_also_if_they_do_not_exist_yet() {
        Path one = folder.resolve("not/there/yet");
        Path other = folder.resolve("other");
        room.add(one, size / 2 + 1);
        room.add(other, size / 2 + 1);
        room.add(one, 0);

        assertThat(room.shortages())
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.places()).containsExactly(one, other);
                    assertThat(it.needed()).isEqualTo(2 * (size / 2 + 1));
                    assertThat(it.free()).isLessThan(it.needed());
                });
    }

    @Test
    void what_is_there_already_needs_no_room() {
        room.add(folder, size + 1);
        room.add(folder, -size);

        assertThat(room.shortages()).isEmpty();
    }
}
