package io.matriarch.elector.situation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SynchronousSetTest {

    private static final List<MemberName> NAMES =
            List.of(
                    new MemberName("a"),
                    new MemberName("b"),
                    new MemberName("c"),
                    new MemberName("d"));

    /** Every synchronous set over four names. */
    static List<SynchronousSet> all() {
        List<SynchronousSet> all = new ArrayList<>();
        all.add(SynchronousSet.NONE);
        for (int mask = 1; mask < 16; mask++) {
            List<MemberName> members = subset(mask);
            for (int quorum = 1; quorum <= members.size(); quorum++) {
                all.add(SynchronousSet.any(quorum, members));
            }
        }
        return all;
    }

    private static List<MemberName> subset(int mask) {
        List<MemberName> members = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            if ((mask & 1 << i) != 0) {
                members.add(NAMES.get(i));
            }
        }
        return members;
    }

    /** By enumeration: no electing set misses an acknowledging one. */
    private static boolean coversByEnumeration(SynchronousSet record, SynchronousSet enforced) {
        if (record.isEmpty()) {
            return true;
        }
        for (int electing = 0; electing < 16; electing++) {
            List<MemberName> voters = subset(electing);
            boolean mayElect =
                    record.members().containsAll(voters) && voters.size() >= record.votesNeeded();
            for (int acknowledging = 0; acknowledging < 16 && mayElect; acknowledging++) {
                List<MemberName> keepers = subset(acknowledging);
                boolean mayAcknowledge =
                        enforced.members().containsAll(keepers)
                                && keepers.size() >= enforced.quorum();
                if (mayAcknowledge && voters.stream().noneMatch(keepers::contains)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void covering_is_what_enumeration_says() {
        for (SynchronousSet record : all()) {
            for (SynchronousSet enforced : all()) {
                assertThat(record.covers(enforced))
                        .as("%s covers %s", record, enforced)
                        .isEqualTo(coversByEnumeration(record, enforced));
            }
        }
    }

    @Test
    void the_covering_set_of_two_covers_both() {
        for (SynchronousSet one : all()) {
            for (SynchronousSet other : all()) {
                SynchronousSet both = one.covering(other);

                assertThat(both.covers(one) && both.covers(other))
                        .as("%s for %s and %s", both, one, other)
                        .isTrue();
            }
        }
    }

    @Test
    void a_setting_is_read_as_it_was_written() {
        for (SynchronousSet set : all()) {
            assertThat(SynchronousSet.parseSetting(set.toSetting())).contains(set);
        }
    }

    @Test
    void a_setting_of_somebody_else_is_not_ours() {
        assertThat(SynchronousSet.parseSetting("FIRST 1 (a, b)")).isEmpty();
        assertThat(SynchronousSet.parseSetting("*")).isEmpty();
    }
}
