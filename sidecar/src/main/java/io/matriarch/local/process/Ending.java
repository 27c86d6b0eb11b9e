package io.matriarch.local.process;

import io.matriarch.local.plan.Ground;
import io.matriarch.local.plan.JsonText;
import io.matriarch.local.plan.LocalConfiguration;
import io.matriarch.local.plan.LocalDirectory;
import io.matriarch.local.plan.LocalPlan;
import io.matriarch.local.plan.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a local cluster: the keeper first, so that nothing comes back; then from the clients' side
 * down to what the others stand on. Each step looks anew at what lives, so it may be broken off and
 * begun again, and it ends a cluster whose keeper was killed just as well.
 *
 * <p>Nobody succeeds the primary meanwhile: its sidecar goes after those of the standbys, who could
 * be elected; and its Postgres before theirs, so that they receive its last record.
 */
public final class Ending {

    private static final Logger log = LoggerFactory.getLogger(Ending.class);

    private static final Duration PROMPT = Duration.ofSeconds(5);
    private static final Duration SIDECAR = Duration.ofSeconds(15);
    private static final Duration POSTGRES = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(50);

    private final LocalDirectory directory;
    private final LocalPlan plan;
    private final Set<Long> ended = new HashSet<>();

    public Ending(LocalDirectory directory, LocalPlan plan) {
        this.directory = directory;
        this.plan = plan;
    }

    /** What was ended, and what lives in spite of everything. */
    public record Outcome(int ended, List<OwnProcess> left) {}

    public Outcome run() throws InterruptedException {
        end(process -> process.part().equals(Part.KEEPER), PROMPT);
        end(process -> process.part().equals(Part.AMBASSADOR), PROMPT);
        Set<String> standbys = standbys();
        Predicate<OwnProcess> sidecars = process -> process.part().endsWith("/sidecar");
        Predicate<OwnProcess> ofStandbys = process -> standbys.contains(member(process));
        end(sidecars.and(ofStandbys), SIDECAR);
        end(sidecars, SIDECAR);
        endPostgres(ofStandbys.negate());
        endPostgres(process -> true);
        end(process -> process.part().equals(Part.S3), PROMPT);
        end(process -> process.part().equals(Part.ZOOKEEPER), PROMPT);
        end(process -> true, PROMPT);
        forgetProcessIds();
        return new Outcome(ended.size(), OwnProcess.allOf(directory, plan));
    }

    /** Asks the parts, waits for them and for what they started, then kills what is left. */
    private void end(Predicate<OwnProcess> chosen, Duration patience) throws InterruptedException {
        ask(chosen);
        if (!gone(chosen, patience)) {
            kill(chosen);
            gone(chosen, PROMPT);
        }
    }

    /** Whose Postgres is, or would be started as, a standby. */
    private Set<String> standbys() {
        return plan.shape().memberNames().stream()
                .filter(member ->
                        Files.exists(directory.node(member).data().resolve("standby.signal")))
                .collect(Collectors.toSet());
    }

    private static String member(OwnProcess process) {
        return process.part().substring(0, Math.max(0, process.part().lastIndexOf('/')));
    }

    /** The supervisors stop Postgres. One that has no supervisor any more is stopped from here. */
    private void endPostgres(Predicate<OwnProcess> chosen) throws InterruptedException {
        Predicate<OwnProcess> supervised =
                process -> process.part().endsWith("/supervisor") && chosen.test(process);
        ask(supervised);
        Predicate<OwnProcess> supervisor =
                process -> supervised.test(process) && !process.isPostgres();
        if (!gone(supervisor, POSTGRES)) {
            kill(supervisor);
        }
        Predicate<OwnProcess> orphans = process -> supervised.test(process) && process.isPostgres();
        for (String signal : List.of("INT", "QUIT")) {
            if (!gone(orphans, Duration.ZERO)) {
                signalPostmasters(signal, orphans);
                gone(orphans, PROMPT);
            }
        }
        kill(orphans);
        gone(supervised, PROMPT);
    }

    private void ask(Predicate<OwnProcess> chosen) {
        for (OwnProcess process : OwnProcess.partsOf(directory, plan)) {
            if (chosen.test(process)) {
                ended.add(process.pid());
                process.handle().destroy();
            }
        }
    }

    private void kill(Predicate<OwnProcess> chosen) {
        for (OwnProcess process : living(chosen)) {
            log.atWarn()
                    .addKeyValue("part", process.part())
                    .addKeyValue("pid", process.pid())
                    .log("process did not end when asked and was killed");
            ended.add(process.pid());
            process.handle().destroyForcibly();
        }
    }

    private boolean gone(Predicate<OwnProcess> chosen, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!living(chosen).isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(LOOK);
        }
        return true;
    }

    private List<OwnProcess> living(Predicate<OwnProcess> chosen) {
        return OwnProcess.allOf(directory, plan).stream().filter(chosen).toList();
    }

    /** Java knows only SIGTERM, which would wait for every client. */
    private void signalPostmasters(String signal, Predicate<OwnProcess> chosen)
            throws InterruptedException {
        List<OwnProcess> all = OwnProcess.allOf(directory, plan);
        Set<Long> postgres = new HashSet<>();
        all.stream().filter(OwnProcess::isPostgres).forEach(each -> postgres.add(each.pid()));
        for (OwnProcess process : all) {
            boolean isChild =
                    process.handle()
                            .parent()
                            .map(parent -> postgres.contains(parent.pid()))
                            .orElse(false);
            if (chosen.test(process) && !isChild) {
                ended.add(process.pid());
                send(signal, process);
            }
        }
    }

    private static void send(String signal, OwnProcess process) throws InterruptedException {
        try {
            new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script that reads the file later must not signal ids that are somebody else's by then. */
    private void forgetProcessIds() {
        try {
            ClusterFile file = ClusterFile.of(new LocalConfiguration(directory, plan), Map.of());
            Ground.replace(directory.clusterFile(), JsonText.of(file));
            new RunAs(plan.host().runAs()).own(directory.clusterFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
