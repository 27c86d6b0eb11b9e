package io.matriarch.archiver.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much of a heap may go to parts. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PartRoomTest {

    @ParameterizedTest
    @CsvSource({
        // Megabytes: of a sidecar, of a command, of a heap that somebody has made small or large.
        "76, 20",
        "192, 136",
        "36, 8",
        "2048, 1992"
    })
    void a_part_may_take_what_a_sidecar_does_not_need_otherwise(int heap, int most) {
        PartRoom room = new PartRoom(PartRoom.within((long) heap << 20));

        assertThat(room.most()).isEqualTo((long) most << 20);
    }
}
