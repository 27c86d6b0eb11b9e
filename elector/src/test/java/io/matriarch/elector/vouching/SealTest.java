package io.matriarch.elector.vouching;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SealTest {

    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");
    private static final Appeal APPEAL = new Appeal(new Epoch(5), N1, 1234);

    private final Seal seal = new Seal("the secret of this cluster");
    private final Seal stranger = new Seal("another secret");
    private final String question = seal.question(APPEAL, N2, "nonce");

    @Test
    void a_question_is_read_as_it_was_asked() {
        assertThat(seal.read(question, N2)).contains(APPEAL);
    }

    @Test
    void a_question_that_was_altered_forged_or_meant_for_another_is_none() {
        assertThat(seal.read(question.replace(" 5 ", " 6 "), N2)).isEmpty();
        assertThat(seal.read(stranger.question(APPEAL, N2, "nonce"), N2)).isEmpty();
        assertThat(seal.read(question, N1)).isEmpty();
        assertThat(seal.read(question + " more", N2)).isEmpty();
        assertThat(seal.read("", N2)).isEmpty();
        assertThat(seal.read("x".repeat(100_000), N2)).isEmpty();
        assertThat(seal.read(" ".repeat(6), N2)).isEmpty();
    }

    @Test
    void a_vow_answers_one_question_only() {
        String vow = seal.vow(question);

        assertThat(seal.isVow(vow, question)).isTrue();
        assertThat(seal.isVow(vow, seal.question(APPEAL, N2, "another"))).isFalse();
        assertThat(seal.isVow(stranger.vow(question), question)).isFalse();
        assertThat(seal.isVow(Seal.REFUSED, question)).isFalse();
        assertThat(seal.isVow(question, question)).isFalse();
    }
}
