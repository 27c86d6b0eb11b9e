package io.matriarch.elector.draining;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.elector.draining.SessionLetters.SessionsAsked;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.vouching.Appeal;
import io.matriarch.elector.vouching.Seal;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SessionLettersTest {

    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");

    private final Seal seal = new Seal("secret");
    private final SessionLetters letters = new SessionLetters(() -> "secret");
    private final SessionsAsked asked =
            new SessionsAsked(
                    new Epoch(5),
                    List.of(
                            new InetSocketAddress("10.0.0.1", 40_000),
                            new InetSocketAddress("fd00::1", 40_001)));
    private final String question = letters.question(N1, asked, "abc");

    @Test
    void a_question_and_its_answer_arrive_as_they_were_sent() {
        String answer = letters.answer(question, List.of(Owed.NOTHING, Owed.STREAMS));

        assertThat(letters.read(question, N1)).contains(asked);
        assertThat(letters.read(answer, question, 2)).containsExactly(Owed.NOTHING, Owed.STREAMS);
    }

    @Test
    void a_question_about_nobody_is_answered_too() {
        String nobody = letters.question(N1, new SessionsAsked(new Epoch(5), List.of()), "abc");

        assertThat(letters.read(nobody, N1).orElseThrow().sessions()).isEmpty();
        assertThat(letters.read(letters.answer(nobody, List.of()), nobody, 0)).isEmpty();
    }

    @Test
    void a_question_of_a_stranger_or_to_another_is_none() {
        SessionLetters stranger = new SessionLetters(() -> "guessed");

        assertThat(letters.read(stranger.question(N1, asked, "abc"), N1)).isEmpty();
        assertThat(letters.read(question, N2)).isEmpty();
        assertThat(letters.read(question.replace("10.0.0.1", "10.0.0.2"), N1)).isEmpty();
        assertThat(letters.read("", N1)).isEmpty();
        assertThat(letters.read("owing1", N1)).isEmpty();
        assertThat(letters.read(seal.sealed("owing1 n1"), N1)).isEmpty();
    }

    @Test
    void an_appeal_is_no_question_and_a_question_no_appeal() {
        String appeal = seal.question(new Appeal(new Epoch(5), N1, 1), N1, "abc");

        assertThat(letters.read(appeal, N1)).isEmpty();
        assertThat(seal.read(question, N1)).isEmpty();
    }

    @Test
    void an_answer_to_another_question_is_none() {
        String other = letters.question(N1, asked, "abd");
        String answer = letters.answer(other, List.of(Owed.NOTHING, Owed.NOTHING));

        assertThat(letters.read(answer, question, 2)).isEmpty();
        assertThat(letters.read(answer, other, 1)).isEmpty();
        assertThat(letters.read(answer.replace("-nn", "-ns"), other, 2)).isEmpty();
        assertThat(letters.read(SessionLetters.REFUSED, question, 2)).isEmpty();
    }
}
