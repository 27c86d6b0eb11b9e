package io.matriarch.benchmark;

import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Programs;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs commands as the server's user, and takes the time that they and their children use. */
record Shell(RunAs owner) {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Runs a program that has to succeed. */
    String run(String... words) throws InterruptedException {
        return Programs.run(PATIENCE, Map.of(), owner.command(List.of(words))).orFail().output();
    }

    /** Runs a line of bash that has to succeed, and measures it. */
    Sample time(String line) throws InterruptedException {
        // The shell's own clock of its children: the line's output goes elsewhere.
        String timed = "TIMEFORMAT='%R %U %S'; time { { " + line + "; } >&3 2>&4; } 3>&1 4>&1";
        Ended ended =
                Programs.run(
                                PATIENCE,
                                Map.of("LC_ALL", "C"),
                                owner.command(List.of("bash", "-o", "pipefail", "-c", timed)))
                        .orFail();
        String[] figures = ended.errors().strip().split(" ", -1);
        return new Sample(
                Double.parseDouble(figures[0]),
                Double.parseDouble(figures[1]) + Double.parseDouble(figures[2]));
    }
}
