package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PrefetchTest {

    /** Events in order: a number is asked for, a number with x turned out to be absent. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nothing before two in a row          | 5        |
                    two in a row                         | 5 6      | 7 8 9
                    asked twice is not two in a row      | 5 5      |
                    a jump ends it                       | 5 6 20   |
                    not beyond the end                   | 5 6 9x   | 7 8
                    the nearest end counts               | 5 6 9x 8x | 7
                    a later end does not replace it      | 5 6 8x 9x | 7
                    asking for the end forgets it        | 5 6 8x 7 8 | 9 10 11
                    an old end does not stand in the way | 5 5x 5 6 | 7 8 9
                    """)
    void what_is_fetched_ahead(String title, String events, String ahead) {
        Prefetch prefetch = after(events);

        assertThat(prefetch.ahead()).as(title).isEqualTo(segments(ahead));
    }

    @Test
    void what_will_not_be_asked_for_is_useless_and_histories_are_kept() {
        Set<WalName> files =
                Set.of(name(4), name(6), name(9), name(10), new WalName.History(new TimelineId(2)));

        List<WalName> useless = after("5 6").useless(files, WalSegmentSize.DEFAULT);

        assertThat(useless).containsExactly(name(4), name(10));
    }

    @Test
    void seeing_late_that_an_earlier_one_was_taken_is_no_step_back() {
        Prefetch prefetch = after("5 6").taken(segment("7")).taken(segment("6"));

        assertThat(prefetch.ahead()).isEqualTo(segments("8 9 10"));
    }

    private static Prefetch after(String events) {
        Prefetch prefetch = Prefetch.nothing(3);
        for (String event : events.split(" ", -1)) {
            prefetch =
                    event.endsWith("x")
                            ? prefetch.endsAt(segment(event.substring(0, event.length() - 1)))
                            : prefetch.asked(segment(event));
        }
        return prefetch;
    }

    private static List<WalSegment> segments(String numbers) {
        return numbers == null
                ? List.of()
                : Stream.of(numbers.split(" ", -1)).map(PrefetchTest::segment).toList();
    }

    private static WalSegment segment(String number) {
        return new WalSegment(TimelineId.FIRST, Long.parseLong(number), WalSegmentSize.DEFAULT);
    }

    private static WalName name(long number) {
        return new WalName.Segment(TimelineId.FIRST, segment(Long.toString(number)).name());
    }
}
