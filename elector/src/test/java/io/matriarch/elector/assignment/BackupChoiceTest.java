package io.matriarch.elector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.elector.situation.ClusterState.Phase;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupChoiceTest {

    private static final String P = "n1 primary 2 0/20000000";

    private static Set<MemberName> names(String text) {
        return Arrays.stream(text.split("\\+", -1))
                .filter(name -> !name.isEmpty())
                .map(MemberName::parse)
                .collect(Collectors.toSet());
    }

    private static ClusterView cluster(Phase phase, String members) {
        return Clusters.of(
                phase,
                Arrays.stream(members.replace("P", P).split(",", -1))
                        .map(String::strip)
                        .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    any     |       | P, n2 streaming 2 0/20000000, n3 streaming 2 0/20000000    | n3 | a standby that streams
                    any     |       | P, n2 streaming 2 0/20000000                               | n2 | a standby that streams
                    any     | n3    | P, n2 streaming 2 0/20000000, n3 streaming 2 0/20000000    | n2 | a standby that streams
                    any     | n2+n3 | P, n2 streaming 2 0/20000000, n3 streaming 2 0/20000000    | n1 | n3 has been tried
                    any     |       | P                                                          | n1 | there is no standby
                    any     |       | P, n3 standby 2 0/20000000                                 | n1 | n3 does not stream
                    any     |       | P, n3 starting 2 0/20000000                                | n1 | n3 does not stream
                    any     |       | P, n3 streaming 1 0/20000000                               | n1 | n3 is on timeline 1 (expected: 2)
                    any     |       | P, n3 streaming 2 0/20000000 foreign                       | n1 | n3 holds no data of this cluster
                    any     |       | P, n3 streaming 2 0/10000000                               | n3 | close behind
                    any     |       | P, n3 streaming 2 0/FFFFFFF                                | n1 | n3 is 268435457 bytes behind
                    any     |       | P, n3 streaming 2 0/30000000                               | n3 | close behind
                    standby |       | P, n2 streaming 2 0/20000000, n3 standby 2 0/20000000      | n2 | a standby that streams
                    primary |       | P, n3 streaming 2 0/20000000                               | n1 | as asked for
                    n1      |       | P, n3 streaming 2 0/20000000                               | n1 | as asked for
                    n2      |       | P, n2 streaming 2 0/20000000, n3 streaming 2 0/20000000    | n2 | as asked for
                    """)
    void a_healthy_standby_is_chosen_by_preference_and_the_primary_else(
            String origin, String tried, String members, String chosen, String reason) {
        BackupChoice choice =
                BackupChoice.of(
                        cluster(Phase.READY, members),
                        BackupOrigin.parse(origin),
                        names(tried == null ? "" : tried));

        assertThat(choice).isInstanceOf(BackupChoice.Chosen.class);
        assertThat(((BackupChoice.Chosen) choice).member()).hasToString(chosen);
        assertThat(choice.reason()).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    standby |    | READY     | P                               | true  | there is no standby
                    standby | n3 | READY     | P, n3 streaming 2 0/20000000    | true  | n3 has been tried
                    n3      |    | READY     | P, n3 standby 2 0/20000000      | true  | n3 does not stream
                    n9      |    | READY     | P                               | true  | n9 does not live
                    primary |    | READY     | n1 stopped 2 0/20000000         | true  | does not run as the primary
                    any     |    | READY     | n1 stopped 2 0/20000000         | false | does not run as the primary
                    any     | n1 | READY     | P                               | true  | n1 has been tried
                    any     |    | PROMOTING | P, n3 streaming 2 0/20000000    | false | no primary that takes writes
                    """)
    void nobody_is_chosen_with_a_reason_and_waiting_is_told_from_giving_up(
            String origin, String tried, Phase phase, String members, boolean isFinal, String why) {
        BackupChoice choice =
                BackupChoice.of(
                        cluster(phase, members),
                        BackupOrigin.parse(origin),
                        names(tried == null ? "" : tried));

        assertThat(choice).isInstanceOf(BackupChoice.Nobody.class);
        assertThat(((BackupChoice.Nobody) choice).isFinal()).isEqualTo(isFinal);
        assertThat(choice.reason()).contains(why);
    }

    @Test
    void before_there_is_a_cluster_nobody_is_chosen() {
        BackupChoice choice = BackupChoice.of(ClusterView.EMPTY, new BackupOrigin.Any(), Set.of());

        assertThat(choice).isInstanceOf(BackupChoice.Nobody.class);
    }

    @ParameterizedTest
    @CsvSource({"any", "primary", "standby", "node-7"})
    void an_origin_is_written_as_it_is_read(String text) {
        assertThat(BackupOrigin.parse(text)).hasToString(text);
    }

    @Test
    void what_is_no_name_is_no_origin() {
        assertThatThrownBy(() -> BackupOrigin.parse("Node 7"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("member: Node 7");
    }
}
