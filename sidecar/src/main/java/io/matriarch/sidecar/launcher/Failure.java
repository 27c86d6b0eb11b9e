package io.matriarch.sidecar.launcher;

import io.matriarch.archiver.readback.RestoreException;
import io.matriarch.archiver.repository.RepositoryException;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.cli.CommandFailure;
import io.matriarch.cli.ExitStatus;
import io.matriarch.elector.cluster.ClusterException;
import io.matriarch.sidecar.configuration.ConfigurationException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What a person is told when a command fails: one sentence, one hint, an exit status. This is the
 * one place that knows which exception means what.
 */
record Failure(ExitStatus status, String message, String hint, Throwable cause) {

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case CommandFailure known ->
                    new Failure(known.status(), text(known), known.hint(), known);
            case ParameterException wrong ->
                    new Failure(ExitStatus.USAGE, text(wrong), help(wrong), wrong);
            case StoreException store ->
                    new Failure(ExitStatus.UNREACHABLE, text(store), store.hint(), store);
            case ClusterException cluster ->
                    new Failure(ExitStatus.UNREACHABLE, text(cluster), cluster.hint(), cluster);
            case RepositoryException repository ->
                    new Failure(ExitStatus.FAILED, text(repository), repository.hint(), repository);
            case RestoreException restore ->
                    new Failure(ExitStatus.FAILED, text(restore), restore.hint(), restore);
            case ConfigurationException configuration ->
                    new Failure(
                            ExitStatus.REFUSED,
                            text(configuration),
                            "correct the configuration file",
                            configuration);
            case UncheckedIOException io ->
                    new Failure(ExitStatus.FAILED, text(io), "check the file system", io);
            case IllegalArgumentException wrong ->
                    new Failure(ExitStatus.USAGE, text(wrong), "see --help", wrong);
            default ->
                    new Failure(
                            ExitStatus.BUG,
                            "internal error: " + thrown,
                            "run again with --debug and report what it prints",
                            thrown);
        };
    }

    /** The command has succeeded, and nobody knows what it said. */
    static Failure lostOutput() {
        return new Failure(
                ExitStatus.FAILED,
                "standard output could not be written; what was asked for was done",
                "make room where it is redirected to",
                new IOException("standard output"));
    }

    /** Prints it to the command's error stream; returns the exit code. */
    int tell(CommandLine command, boolean withStack) {
        PrintWriter err = command.getErr();
        err.println("matriarch: " + message);
        if (!hint.isBlank()) {
            err.println("hint: " + hint);
        }
        if (withStack) {
            cause.printStackTrace(err);
        }
        err.flush();
        return status.code();
    }

    private static String text(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.getClass().getSimpleName() : message;
    }

    private static String help(ParameterException wrong) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            return "did you mean "
                    + String.join(" or ", unmatched.getSuggestions())
                    + "? See '"
                    + name
                    + " --help'";
        }
        return "see '" + name + " --help'";
    }
}
