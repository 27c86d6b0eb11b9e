package io.matriarch.archiver.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.Damage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RotationTest {

    private static final String BACKUP = "backups/20261121T083000Z-00000001/";
    private static final String WAL = "wal/00000001/";
    private static final Stock BUNDLES = new Stock(BACKUP, 0, 2);
    private static final Stock SEGMENTS = new Stock(WAL, 5, 9);

    private static List<String> order(List<Stock> present, List<Span> spans, List<Flaw> flaws) {
        List<String> order = new ArrayList<>();
        new Rotation(present, new Proofs(spans, flaws))
                .forEachRemaining(
                        it -> order.add((it.folder().equals(WAL) ? "w" : "b") + it.number()));
        return order;
    }

    private static Span proven(String folder, long first, long last, long at) {
        return new Span(folder, first, last, Instant.ofEpochSecond(at));
    }

    private static Flaw flaw(long number) {
        return new Flaw(WAL, number, new Damage(WAL + number, "damaged"), Instant.EPOCH);
    }

    @Test
    void at_first_bundles_and_segments_take_turns() {
        assertThat(order(List.of(BUNDLES, SEGMENTS), List.of(), List.of()))
                .containsExactly("b2", "w9", "b1", "w8", "b0", "w7", "w6", "w5");
    }

    @Test
    void what_is_new_takes_turns_with_what_was_proven_longest_ago() {
        assertThat(
                        order(
                                List.of(BUNDLES, SEGMENTS),
                                List.of(proven(BACKUP, 0, 1, 200), proven(WAL, 5, 6, 100)),
                                List.of()))
                .containsExactly("b2", "w9", "w6", "w8", "w5", "w7", "b1", "b0");
    }

    @Test
    void what_was_found_damaged_comes_first_and_once() {
        assertThat(order(List.of(SEGMENTS), List.of(proven(WAL, 5, 8, 100)), List.of(flaw(9))))
                .containsExactly("w9", "w8", "w7", "w6", "w5");
        assertThat(order(List.of(SEGMENTS), List.of(), List.of(flaw(6), flaw(7))))
                .containsExactly("w6", "w7", "w9", "w8", "w5");
    }

    @Test
    void everything_is_read_once() {
        assertThat(
                        order(
                                List.of(BUNDLES, SEGMENTS),
                                List.of(proven(WAL, 5, 5, 3), proven(WAL, 7, 8, 1)),
                                List.of(flaw(9))))
                .containsExactlyInAnyOrder("b0", "b1", "b2", "w5", "w6", "w7", "w8", "w9");
    }

    @Test
    void an_empty_archive_has_nothing_to_read() {
        assertThat(order(List.of(), List.of(), List.of())).isEmpty();
    }
}
