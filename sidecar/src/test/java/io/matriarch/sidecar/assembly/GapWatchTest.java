package io.matriarch.sidecar.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.planning.ArchiveGap;
import io.matriarch.archiver.push.WriterEpoch;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GapWatchTest {

    private static final WriterEpoch EPOCH = new WriterEpoch(7);
    private static final WriterEpoch NEXT = new WriterEpoch(8);
    private static final TimelineHistory LINEAGE = TimelineHistory.of(TimelineId.FIRST);
    private static final ArchiveGap GAP = new ArchiveGap(TimelineId.FIRST, List.of());

    private final GapWatch watch = new GapWatch();

    @Test
    void while_wal_may_still_come_in_nothing_is_searched() {
        assertThat(watch.look(EPOCH, _ -> Optional.of(GAP))).isFalse();
        assertThat(watch.gap(EPOCH)).isEmpty();
    }

    @Test
    void a_gap_stays_until_a_look_finds_it_bridged() {
        watch.settle(EPOCH, LINEAGE);

        assertThat(watch.look(EPOCH, _ -> Optional.of(GAP))).isTrue();
        assertThat(watch.gap(EPOCH)).contains(GAP);

        assertThat(watch.look(EPOCH, _ -> Optional.empty())).isFalse();
        assertThat(watch.gap(EPOCH)).isEmpty();
    }

    @Test
    void another_reign_has_to_be_settled_by_itself() {
        watch.settle(EPOCH, LINEAGE);
        watch.look(EPOCH, _ -> Optional.of(GAP));

        assertThat(watch.gap(NEXT)).isEmpty();
        assertThat(watch.look(NEXT, _ -> Optional.of(GAP))).isFalse();

        watch.settle(NEXT, LINEAGE);

        assertThat(watch.look(NEXT, _ -> Optional.of(GAP))).isTrue();
    }
}
