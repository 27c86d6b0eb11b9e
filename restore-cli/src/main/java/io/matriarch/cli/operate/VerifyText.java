package io.matriarch.cli.operate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.verification.VerificationReport;
import io.matriarch.cli.terminal.Amounts;
import io.matriarch.cli.terminal.Terminal;
import io.matriarch.cli.terminal.Tone;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification has found: also the JSON of {@code verify --json}.
 *
 * @param well whether nothing is damaged or missing
 * @param objects read back in this run: segments and bundles
 * @param bytes read, as they are stored
 * @param present segments and bundles that the archive holds
 * @param neverProven how many of them no verification has found whole yet
 * @param oldestProof when that one of the others was read that was read longest ago
 * @param unread what could not be read
 * @param unremembered why the next run will not know of this one
 */
record VerifyText(
        boolean well,
        Instant begun,
        long durationMillis,
        long objects,
        long bytes,
        long present,
        long neverProven,
        @Nullable Instant oldestProof,
        @JsonUnwrapped Unread unread,
        List<Flawed> damaged,
        @Nullable String unremembered) {

    /**
     * Objects of which nobody looked at the content; their numbers stand beside the others.
     *
     * @param vanished deleted before they were read, as retention does
     * @param cold must be thawed before anybody can read them
     * @param locked encrypted, and nothing here decrypts them: their stored bytes were compared
     */
    record Unread(long vanished, long cold, long locked) {}

    /**
     * An object that is no good.
     *
     * @param missing whether it is not there
     */
    record Flawed(String key, String reason, boolean missing) {

        static Flawed of(Damage damage) {
            return new Flawed(damage.key(), damage.reason(), damage.isLost());
        }
    }

    static VerifyText of(VerificationReport report) {
        return new VerifyText(
                report.isWell(),
                report.begun(),
                report.took().toMillis(),
                report.objects(),
                report.bytes(),
                report.state().present(),
                report.state().neverProven(),
                report.state().oldest().orElse(null),
                new Unread(report.vanished(), report.cold(), report.locked()),
                report.damaged().stream().map(Flawed::of).toList(),
                report.unremembered().orElse(null));
    }

    void print(Terminal terminal, Instant now) {
        terminal.print(
                "read back  %s, %s in %s"
                        .formatted(
                                Amounts.count(objects, "object"),
                                Amounts.bytes(bytes),
                                Amounts.span(Duration.ofMillis(durationMillis))));
        terminal.print("proven     " + proven(now));
        if (unread.vanished > 0) {
            terminal.print(
                    "           %s deleted before they were read"
                            .formatted(Amounts.count(unread.vanished, "object")));
        }
        if (unread.cold > 0) {
            terminal.print(
                    "           %s not read: the store must thaw them first"
                            .formatted(Amounts.count(unread.cold, "object")));
        }
        if (unread.locked > 0) {
            terminal.print(
                    ("           %s encrypted for others: only the stored bytes were compared with"
                                    + " their digests")
                            .formatted(Amounts.count(unread.locked, "object")));
        }
        for (Flawed flawed : damaged) {
            terminal.print(
                    terminal.paint(Tone.BAD, "! ")
                            + new Damage(flawed.key, flawed.reason, flawed.missing));
        }
        if (unremembered != null) {
            terminal.tell("note: the next verification will not know of this one: " + unremembered);
        }
    }

    private String proven(Instant now) {
        if (present == 0) {
            return "nothing: no segment and no base backup is archived yet";
        }
        String count = "%d of %d".formatted(present - neverProven, present);
        return oldestProof == null
                ? count
                : count + ", the oldest proof " + Amounts.ago(oldestProof, now);
    }
}
