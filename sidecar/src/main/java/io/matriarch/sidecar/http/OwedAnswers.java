package io.matriarch.sidecar.http;

/** What the API of a sidecar asks when an ambassador wants to know what sessions owe. */
@FunctionalInterface
public interface OwedAnswers {

    /** The answer to a question, which may have come from anybody; Postgres is asked for it. */
    String answer(String question);
}
