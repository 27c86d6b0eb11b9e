package io.matriarch.sidecar.http;

/** What the API of a sidecar asks when a primary appeals to it. */
@FunctionalInterface
public interface VowAnswers {

    /** The answer to a question, which may have come from anybody; at once, and from memory. */
    String answer(String question);
}
