package io.matriarch.archiver.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.repository.WalName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PushPlanTest {

    /** Short names for tables: 1-3 is the third segment of the first timeline. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nothing waits                      |               |         |     | 4 |             |
                    the oldest first                   | 1-3 1-1 1-2   |         |     | 4 | 1-1 1-2 1-3 | 1-1
                    no more than there are lanes       | 1-3 1-1 1-2   |         |     | 2 | 1-1 1-2     | 1-1
                    histories before segments          | 1-1 2h 2-1    |         |     | 2 | 2h 1-1      | 2h
                    what is confirmed is left out      | 1-1 1-2 1-3   | 1-1     |     | 2 | 1-2 1-3     | 1-2
                    all is confirmed                   | 1-1           | 1-1     |     | 4 |             |
                    no free lane                       | 1-1           |         |     | 0 |             | 1-1
                    beside a conflict nothing is sent  | 1-1 1-2 1-3   |         | 1-1 | 4 | 1-1         | 1-1
                    a conflict under way again         | 1-1 1-2       | 1-1     | 1-1 | 4 |             | 1-2
                    partials and labels are sent, too  | 1-2p 1-1b 1-1 |         |     | 4 | 1-1 1-1b 1-2p | 1-1
                    the old timeline before the new    | 2-2 1-2       |         |     | 4 | 1-2 2-2     | 1-2
                    """)
    void what_is_pushed_next(
            String title,
            String waiting,
            String settled,
            String heldUp,
            int lanes,
            String next,
            String oldest) {
        PushPlan plan =
                PushPlan.of(
                        names(waiting),
                        Set.copyOf(names(settled).stream().map(WalName::text).toList()),
                        names(heldUp).stream().findFirst(),
                        lanes);

        Optional<WalName> first = names(oldest).stream().findFirst();
        assertThat(plan).as(title).isEqualTo(new PushPlan(names(next), first));
    }

    private static List<WalName> names(String words) {
        return words == null
                ? List.of()
                : Stream.of(words.split(" ", -1)).map(PushPlanTest::name).toList();
    }

    private static WalName name(String word) {
        String timeline = "%08X".formatted(Integer.parseInt(word.substring(0, 1)));
        if (word.endsWith("h")) {
            return WalName.tryParse(timeline + ".history").orElseThrow();
        }
        String segment = timeline + "%016X".formatted(Integer.parseInt(word.substring(2, 3)));
        String kind =
                switch (word.substring(3)) {
                    case "p" -> ".partial";
                    case "b" -> ".00000028.backup";
                    default -> "";
                };
        return WalName.tryParse(segment + kind).orElseThrow();
    }
}
