package io.matriarch.archiver.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.catalogue.PackedJson;
import io.matriarch.archiver.planning.Damage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProofsTest {

    private static final String WAL = "wal/00000001/";

    private static Instant day(long day) {
        return Instant.ofEpochSecond(day * 86_400);
    }

    private static Span span(long first, long last, long day) {
        return new Span(WAL, first, last, day(day));
    }

    private static Flaw flaw(long number, long day) {
        return new Flaw(WAL, number, new Damage("wal/" + number, "damaged"), day(day));
    }

    private static Proofs proofs(Span... spans) {
        return new Proofs(List.of(spans), List.of());
    }

    @Test
    void a_later_proof_takes_the_place_of_what_it_covers() {
        Proofs together = Proofs.together(List.of(proofs(span(4, 6, 2)), proofs(span(1, 9, 1))));

        assertThat(together.spans()).containsExactly(span(1, 3, 1), span(4, 6, 2), span(7, 9, 1));
    }

    @Test
    void what_follows_each_other_and_was_proven_together_is_one_span() {
        Proofs together =
                Proofs.together(
                        List.of(proofs(span(1, 3, 1), span(7, 9, 1)), proofs(span(4, 6, 1))));

        assertThat(together.spans()).containsExactly(span(1, 9, 1));
    }

    @Test
    void a_flaw_undoes_a_proof_and_a_later_proof_a_flaw() {
        Proofs flawed = new Proofs(List.of(), List.of(flaw(2, 5)));

        Proofs before = Proofs.together(List.of(proofs(span(1, 3, 4)), flawed));
        assertThat(before.flaws()).containsExactly(flaw(2, 5));
        assertThat(before.spans()).containsExactly(span(1, 1, 4), span(3, 3, 4));

        Proofs after = Proofs.together(List.of(before, proofs(span(2, 2, 6))));
        assertThat(after.flaws()).isEmpty();
        assertThat(after.spans()).containsExactly(span(1, 1, 4), span(2, 2, 6), span(3, 3, 4));
    }

    @Test
    void what_is_gone_is_forgotten() {
        Proofs all = new Proofs(List.of(span(1, 9, 1)), List.of(flaw(10, 1), flaw(12, 1)));

        Proofs left = all.of(List.of(new Stock(WAL, 4, 5), new Stock(WAL, 8, 10)));

        assertThat(left.spans()).containsExactly(span(4, 5, 1), span(8, 9, 1));
        assertThat(left.flaws()).containsExactly(flaw(10, 1));
    }

    @Test
    void it_is_read_as_it_was_written() throws IOException {
        Proofs proofs = new Proofs(List.of(span(1, 9, 1)), List.of(flaw(10, 1)));

        Proofs run =
                proofs.after(
                        new Proofs.LastRun(
                                day(2), 12, 3000, List.of(new Damage("wal/11", "missing", true))));

        assertThat(PackedJson.unpack(PackedJson.pack(proofs), Proofs.class)).isEqualTo(proofs);
        assertThat(PackedJson.unpack(PackedJson.pack(run), Proofs.class)).isEqualTo(run);
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    /** Beside a table with a cell for each object. */
    @ParameterizedTest
    @MethodSource("seeds")
    void of_each_object_the_latest_word_holds(long seed) {
        Random random = new Random(seed);
        Map<Long, Long> latest = new HashMap<>();
        List<Proofs> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            long first = random.nextInt(30);
            Span span = span(first, first + random.nextInt(10), random.nextInt(6));
            all.add(proofs(span));
            for (long number = span.first(); number <= span.last(); number++) {
                latest.merge(number, span.at().getEpochSecond() / 86_400, Math::max);
            }
        }

        Proofs together = Proofs.together(all);

        Map<Long, Long> told = new HashMap<>();
        for (Span span : together.spans()) {
            for (long number = span.first(); number <= span.last(); number++) {
                assertThat(told.put(number, span.at().getEpochSecond() / 86_400))
                        .as("another word on " + number)
                        .isNull();
            }
        }
        assertThat(told).isEqualTo(latest);
        assertThat(Proofs.together(List.of(together, together))).isEqualTo(together);
    }
}
