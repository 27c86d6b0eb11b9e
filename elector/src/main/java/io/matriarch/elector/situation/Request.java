package io.matriarch.elector.situation;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an operator asked for, kept in ZooKeeper's {@code requests/<id>}.
 *
 * @param id also the key of idempotency
 * @param member a switchover's candidate; absent for the best one, until one is chosen
 * @param arguments what else was asked for, by the options' names
 * @param message for people: the outcome, or what it is waiting for
 * @param result a document of the outcome, as JSON text; empty if there is none
 */
public record Request(
        String id,
        Kind kind,
        @Nullable MemberName member,
        Map<String, String> arguments,
        Progress progress,
        String message,
        String result) {

    /** What can be asked for. */
    public enum Kind {
        SWITCHOVER,
        BACKUP,
        PRUNE
    }

    /** How far it has come. */
    public enum Progress {
        PENDING,
        RUNNING,
        DONE,
        FAILED
    }

    public Request {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(progress, "progress");
        // Absent in what an older member wrote.
        arguments = arguments == null ? Map.of() : Map.copyOf(arguments);
    }

    /** A request that nobody has looked at yet. */
    public static Request of(
            String id, Kind kind, @Nullable MemberName member, Map<String, String> arguments) {
        return new Request(id, kind, member, arguments, Progress.PENDING, "", "");
    }

    public Request now(Progress next, String text, String document) {
        return new Request(id, kind, member, arguments, next, text, document);
    }

    /** The same request, once it is settled who is meant. */
    public Request about(MemberName chosen) {
        return new Request(id, kind, chosen, arguments, progress, message, result);
    }

    public boolean isOver() {
        return progress == Progress.DONE || progress == Progress.FAILED;
    }
}
