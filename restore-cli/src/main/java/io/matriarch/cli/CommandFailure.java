package io.matriarch.cli;

import org.jspecify.annotations.Nullable;

/**
 * A command could not do what it was asked for. The message says in one sentence what was found and
 * what was expected; the hint says what a person can do.
 */
public final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitStatus status;
    private final String hint;

    public CommandFailure(ExitStatus status, String message, String hint) {
        this(status, message, hint, null);
    }

    public CommandFailure(
            ExitStatus status, String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.hint = hint;
    }

    /** The command line is wrong. */
    public static CommandFailure usage(String message, String hint) {
        return new CommandFailure(ExitStatus.USAGE, message, hint);
    }

    /** A condition does not hold, and nothing was changed. */
    public static CommandFailure refused(String message, String hint) {
        return new CommandFailure(ExitStatus.REFUSED, message, hint);
    }

    /** It was tried and did not succeed. */
    public static CommandFailure failed(String message, String hint) {
        return new CommandFailure(ExitStatus.FAILED, message, hint);
    }

    public ExitStatus status() {
        return status;
    }

    public String hint() {
        return hint;
    }
}
