package io.matriarch.elector.control;

import java.util.List;

/**
 * One run of one of PostgreSQL's programs by the supervisor.
 *
 * @param id unique for ever within the control directory
 * @param arguments the program first
 */
public record Job(String id, List<String> arguments) {

    public Job {
        arguments = List.copyOf(arguments);
        if (!isId(id)) {
            throw new IllegalArgumentException("job: " + id + " (expected: a-z, 0-9 and -)");
        }
        if (arguments.isEmpty() || arguments.stream().anyMatch(a -> a.indexOf('\n') >= 0)) {
            throw new IllegalArgumentException(
                    "job arguments: " + arguments + " (expected: a program; no line feeds)");
        }
    }

    static boolean isId(String text) {
        return text.matches("[a-z0-9-]{1,80}");
    }

    /**
     * How a job ended.
     *
     * @param output its last lines
     */
    public record Outcome(int exitStatus, String output) {
        public boolean isSuccess() {
            return exitStatus == 0;
        }
    }
}
