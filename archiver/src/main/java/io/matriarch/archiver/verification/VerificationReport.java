package io.matriarch.archiver.verification;

import io.matriarch.archiver.planning.Damage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a verification has found.
 *
 * @param begun of the clock of whoever verified
 * @param objects read back in this run, segments and bundles
 * @param bytes read, as they are stored
 * @param state how much of the archive is proven now
 * @param vanished objects that were deleted before they were read, as retention does
 * @param cold objects that must be thawed before anybody can read them
 * @param locked objects that are encrypted, and of which only the stored bytes could be compared
 *     with their digest, where one is told
 * @param damaged what is bad, or missing
 * @param unremembered why the next run will not know of this one; empty if it will
 */
public record VerificationReport(
        Instant begun,
        Duration took,
        long objects,
        long bytes,
        State state,
        long vanished,
        long cold,
        long locked,
        List<Damage> damaged,
        Optional<String> unremembered) {

    /**
     * @param present segments and bundles that the archive holds
     * @param neverProven how many of them no verification has read yet
     * @param oldest when that one of them was read that was read longest ago; empty if none was
     */
    public record State(long present, long neverProven, Optional<Instant> oldest) {

        static State of(List<Stock> stock, Proofs proofs) {
            long present = stock.stream().mapToLong(Stock::count).sum();
            long proven = proofs.spans().stream().mapToLong(Span::count).sum();
            return new State(
                    present,
                    present - proven,
                    proofs.spans().stream().map(Span::at).min(Instant::compareTo));
        }
    }

    public VerificationReport {
        damaged = List.copyOf(damaged);
    }

    public boolean isWell() {
        return damaged.isEmpty();
    }
}
