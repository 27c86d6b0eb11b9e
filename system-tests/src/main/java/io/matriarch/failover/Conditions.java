package io.matriarch.failover;

import io.matriarch.outside.OutsideException;
import io.matriarch.outside.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Under which conditions something was measured. */
final class Conditions {

    private static final Duration AN_INSTANT = Duration.ofSeconds(20);

    private Conditions() {}

    static String now() throws InterruptedException {
        return "Begun %s, %d processors, load %s before. %s; %s.\n"
                .formatted(
                        ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES),
                        Runtime.getRuntime().availableProcessors(),
                        load(),
                        said("patroni", "--version"),
                        said("haproxy", "-v"));
    }

    /** Of the last one, five and fifteen minutes. */
    static String load() {
        try {
            return String.join(
                    " ",
                    List.of(Files.readString(Path.of("/proc/loadavg")).split(" ", -1))
                            .subList(0, 3));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String said(String program, String question) throws InterruptedException {
        try {
            return Programs.run(AN_INSTANT, Map.of(), List.of(program, question))
                    .output()
                    .lines()
                    .findFirst()
                    .orElse(program)
                    .replaceAll(" - https.*", "");
        } catch (UncheckedIOException | OutsideException e) {
            return "no " + program;
        }
    }
}
