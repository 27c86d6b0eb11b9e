package io.matriarch.archiver.drill;

import io.matriarch.archiver.drill.DrillReport.Aim;
import io.matriarch.archiver.drill.DrillReport.Check;
import io.matriarch.archiver.drill.DrillReport.Failure;
import io.matriarch.archiver.drill.DrillReport.Measures;
import io.matriarch.archiver.drill.DrillReport.Outcome;
import io.matriarch.archiver.drill.DrillReport.Phase;
import io.matriarch.archiver.drill.DrillReport.Reached;
import io.matriarch.archiver.drill.DrillReport.Source;
import io.matriarch.archiver.drill.DrillReport.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known so far of a drill that is under way; its times are told to it. */
final class Course {

    private final DrillRequest request;
    private final String host;
    private final Instant begun;
    private final long beganNanos;
    private final Map<Phase, Duration> took = new EnumMap<>(Phase.class);
    private final List<Check> checks = new ArrayList<>();
    private Phase phase = Phase.PLAN;
    private long phaseNanos;
    private Optional<String> target = Optional.empty();
    private Optional<Source> source = Optional.empty();
    private Optional<Reached> reached = Optional.empty();
    private Measures measures = Measures.NONE;
    private Optional<Path> kept = Optional.empty();
    private Optional<Failure> failure = Optional.empty();

    Course(DrillRequest request, String host, Instant begun, long nanos) {
        this.request = request;
        this.host = host;
        this.begun = begun;
        this.beganNanos = nanos;
        this.phaseNanos = nanos;
    }

    Instant begun() {
        return begun;
    }

    /** Where the restored directory stays, if it does. */
    void keep(Optional<Path> place) {
        kept = place;
    }

    Optional<Path> kept() {
        return kept;
    }

    /** One phase ends and another begins, or goes on. */
    void begin(Phase next, long nanos) {
        took.merge(phase, Duration.ofNanos(nanos - phaseNanos), Duration::plus);
        phase = next;
        phaseNanos = nanos;
    }

    void planned(String aim, Source from, Optional<Duration> rpo) {
        target = Optional.of(aim);
        source = Optional.of(from);
        measures = new Measures(measures.rto(), rpo);
    }

    void restored(long files) {
        source =
                source.map(it ->
                        new Source(
                                it.backup(),
                                it.stopTime(),
                                it.member(),
                                it.timeline(),
                                files,
                                it.bytes(),
                                it.storedBytes()));
    }

    /** The server takes queries. */
    void reached(Reached place, long nanos) {
        reached = Optional.of(place);
        measures = new Measures(Optional.of(Duration.ofNanos(nanos - beganNanos)), measures.rpo());
    }

    /**
     * The first one that fails is the drill's failure, and those behind it are made all the same.
     */
    void add(Check check) {
        checks.add(check);
        if (check.outcome() == Outcome.FAILED && failure.isEmpty()) {
            fail(
                    true,
                    check.name() + ": " + check.detail(),
                    "look into it on a restored copy: 'matriarch drill' with --keep leaves one");
        }
    }

    void fail(boolean isOfTheArchive, String reason, String hint) {
        String sentence = reason.strip().replaceAll("\\s*\\n\\s*", " ");
        failure = failure.or(() -> Optional.of(new Failure(phase, isOfTheArchive, sentence, hint)));
    }

    DrillReport report(Instant ended, long nanos) {
        begin(phase, nanos);
        return new DrillReport(
                DrillReport.FORMAT,
                host,
                begun,
                ended,
                new Aim(request.wording(), request.moment().drawnBy(), target),
                source,
                reached,
                took.entrySet().stream().map(it -> new Timing(it.getKey(), it.getValue())).toList(),
                measures,
                checks,
                failure);
    }
}
