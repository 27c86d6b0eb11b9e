package io.matriarch.benchmark.stage;

import io.matriarch.local.plan.RunAs;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Programs;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs commands as the server's user, and takes the time that they and their children use. */
public record Shell(RunAs owner, Map<String, String> environment) {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** This, with more in the environment. */
    public Shell with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        return new Shell(owner, Map.copyOf(all));
    }

    /** Runs a program that has to succeed. */
    public String run(String... words) throws InterruptedException {
        return Programs.run(PATIENCE, environment, owner.command(List.of(words))).orFail().output();
    }

    /** Runs a line of bash that has to succeed, and measures it. */
    public Sample time(String line) throws InterruptedException {
        // The shell's own clock of its children: the line's output goes elsewhere.
        String timed = "TIMEFORMAT='%R %U %S'; time { { " + line + "; } >&3 2>&4; } 3>&1 4>&1";
        Ended ended =
                Programs.run(
                                PATIENCE,
                                with(Map.of("LC_ALL", "C")).environment(),
                                owner.command(List.of("bash", "-o", "pipefail", "-c", timed)))
                        .orFail();
        String[] figures = ended.errors().strip().split(" ", -1);
        return new Sample(
                Double.parseDouble(figures[0]),
                Double.parseDouble(figures[1]) + Double.parseDouble(figures[2]));
    }
}
