package io.matriarch.cli;

/** With which status a command ends; {@code docs/exit-codes.md} tells the same to scripts. */
public enum ExitStatus {
    /** What was asked for holds. */
    DONE(0, "what was asked for holds"),
    /** It was tried and did not succeed; the message says how far it came. */
    FAILED(1, "it was tried and did not succeed; the message says how far it came"),
    /** The command line is wrong; nothing was tried. */
    USAGE(2, "the command line is wrong; nothing was tried"),
    /** A condition does not hold; nothing was changed. */
    REFUSED(3, "a condition does not hold; nothing was changed"),
    /** A service that is needed did not answer, or did not accept the credentials. */
    UNREACHABLE(4, "a service that is needed did not answer, or did not accept the credentials"),
    /** The time for it ran out; it may still come true. */
    TIMED_OUT(5, "the time for it ran out; the message says what was still missing"),
    /** The question was answered, and the answer is that something is not well. */
    UNHEALTHY(6, "the question was answered, and the answer is that something is not well"),
    /** A mistake in the program itself. */
    BUG(70, "a mistake in the program itself; run again with --debug and report it"),
    /** Ended by Ctrl-C. */
    INTERRUPTED(130, "ended by Ctrl-C");

    private final int code;
    private final String meaning;

    ExitStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
