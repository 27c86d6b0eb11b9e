package io.matriarch.failover;

import io.matriarch.failover.side.Side;
import io.matriarch.outside.Console;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the primary from clients that write, in each way of {@link Fault}, and writes a report of
 * how long they waited and what they lost, beside Patroni.
 *
 * <p>Arguments: {@code REPORT [ROUNDS [SIDES [FAULTS]]]}, each list in one argument with blanks
 * between; an empty one is all that is usual.
 */
public final class FailoverBenchmark {

    private static final int REFUSED = 2;

    private final Launcher launcher = Launcher.here();
    private final Workplace place = Workplace.make();
    private final Path file;
    private final int rounds;
    private final FailoverReport report;
    private final StringBuilder leftOut = new StringBuilder();
    private boolean isEvidence;

    private FailoverBenchmark(Path file, int rounds) throws InterruptedException {
        this.file = file;
        this.rounds = rounds;
        this.report = new FailoverReport(Conditions.now());
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        try {
            measure(arguments);
        } catch (IllegalArgumentException e) {
            Console.OUT.println("bench-failover: " + e.getMessage());
            System.exit(REFUSED);
        }
    }

    private static void measure(String[] arguments) throws InterruptedException, IOException {
        int rounds = Integer.parseInt(argument(arguments, 1, "5"));
        List<Contestant> contestants =
                words(argument(arguments, 2, "")).map(Contestant::of).toList();
        List<Fault> faults = words(argument(arguments, 3, "")).map(Fault::of).toList();
        FailoverBenchmark benchmark = new FailoverBenchmark(Path.of(arguments[0]), rounds);
        benchmark.run(
                contestants.isEmpty() ? List.of(Contestant.values()) : contestants,
                faults.isEmpty() ? Fault.usual() : faults);
    }

    private static String argument(String[] arguments, int index, String usual) {
        return arguments.length > index && !arguments[index].isBlank()
                ? arguments[index].strip()
                : usual;
    }

    private static Stream<String> words(String text) {
        return text.isEmpty() ? Stream.of() : Stream.of(text.split("[ ,]+", -1));
    }

    private void run(List<Contestant> contestants, List<Fault> faults)
            throws InterruptedException, IOException {
        try {
            for (Contestant contestant : contestants) {
                Optional<String> missing = contestant.missing();
                if (missing.isPresent()) {
                    String said = contestant.title() + ": left out, for " + missing.get() + ".";
                    Console.OUT.println(said);
                    leftOut.append(said).append('\n');
                } else {
                    measure(contestant, faults);
                }
            }
            write("Load afterwards " + Conditions.load() + ".");
            Console.OUT.println();
            Console.OUT.println(report);
        } finally {
            if (isEvidence) {
                Console.OUT.println("what failed rounds have left lies in " + place.root());
            } else {
                place.remove();
            }
        }
    }

    /** A cluster that is not well again after a round is put aside, and the next has a new one. */
    private void measure(Contestant contestant, List<Fault> faults)
            throws InterruptedException, IOException {
        @Nullable Side side = null;
        int clusters = 0;
        try {
            for (Fault fault : faults) {
                List<Round> lived = new ArrayList<>();
                for (int number = 1; number <= rounds; number++) {
                    if (side == null) {
                        clusters++;
                        side = start(contestant, clusters);
                    }
                    String table = fault.key().replace('-', '_') + "_" + number;
                    Round round = Living.tolerantly(fault, fault.lasts(), side, table);
                    Console.OUT.printf("%s, %s: %s%n", contestant.key(), fault.key(), round);
                    lived.add(round);
                    if (round.failure().isPresent()) {
                        isEvidence = true;
                        Side failed = side;
                        side = null;
                        failed.end();
                    }
                }
                report.add(fault, contestant, new Rounds(lived));
                write("Not all is measured yet.");
            }
        } finally {
            if (side != null) {
                side.end();
            }
        }
    }

    private Side start(Contestant contestant, int number) throws InterruptedException, IOException {
        Path home = place.resolve(contestant.key() + number);
        Files.createDirectories(home);
        try {
            return contestant.start(launcher, home);
        } catch (OutsideException e) {
            isEvidence = true;
            throw e;
        }
    }

    private void write(String remark) throws IOException {
        Files.writeString(file, report + "\n" + leftOut + remark + "\n");
    }
}
