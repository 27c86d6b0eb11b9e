package io.matriarch.archiver.verification;

import io.matriarch.archiver.bundle.FixedPool;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.pace.Pace;
import io.matriarch.archiver.planning.ArchiveFacts;
import io.matriarch.archiver.planning.ArchiveSurvey;
import io.matriarch.archiver.planning.Damage;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Listing;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.verification.Proofs.LastRun;
import io.matriarch.postgres.TimelineId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads an archive back. What can be told from names and descriptions is looked at in every run:
 * that each backup is described, has all of its objects and all of the log that it needs, and that
 * histories are right. Of segments and bundles, which are the bulk, a sample is read to the last
 * byte.
 */
public final class Verification {

    /** Who is killed forgets no more than this. */
    private static final Duration SAVING = Duration.ofMinutes(5);

    /** What cannot be read costs a sample as much: it takes time, and requests. */
    private static final long BYTES_OF_A_REFUSAL = 64 << 10;

    private final ObjectStore store;
    private final RepositoryLayout layout;
    private final VerificationOptions options;

    public Verification(ObjectStore store, RepositoryLayout layout, VerificationOptions options) {
        this.store = store;
        this.layout = layout;
        this.options = options;
    }

    /**
     * Verifies.
     *
     * @param committed the timeline that the cluster is on, if the cluster could be asked
     * @throws StoreException if the store gives no clean answer: what was proven until then is
     *     remembered
     */
    public VerificationReport run(Optional<TimelineId> committed, TransferProgress progress)
            throws InterruptedException {
        Instant begun = Instant.now();
        MeteredStore metered = new MeteredStore(store, new Pace(options.pace()));
        ArchiveFacts facts = ArchiveSurvey.forListing(store, layout, committed);
        Completeness completeness = new Completeness(store, layout, facts);
        Findings findings = new Findings(begun);
        completeness.damaged().forEach(findings::add);
        List<Stock> stock = Stock.of(facts);
        ProofStore kept = new ProofStore(store, layout);
        Proofs before = kept.read().of(stock);
        Memory memory = new Memory(kept, before, stock, findings);
        long limit = options.sample().of(stored());
        try (ObjectProof proof = new ObjectProof(metered, layout, facts)) {
            Work work = new Work(new Rotation(stock, before), proof, findings, memory);
            work.run(metered, limit, facts, progress);
            completeness.gaps().forEach(findings::add);
            memory.ended(metered.bytesRead());
        } finally {
            memory.save();
        }
        return new VerificationReport(
                begun,
                Duration.between(begun, Instant.now()),
                findings.objects(),
                metered.bytesRead(),
                VerificationReport.State.of(stock, memory.now()),
                findings.vanished(),
                findings.cold(),
                findings.locked(),
                memory.damaged(),
                memory.trouble());
    }

    /** Bytes of all segments and backups. */
    private long stored() {
        AtomicLong bytes = new AtomicLong();
        for (String folder : List.of(layout.walFolder(), layout.backupsFolder())) {
            store.each(Listing.of(folder), object -> bytes.addAndGet(object.size()));
        }
        return bytes.get();
    }

    /** What is read back, by several threads. */
    private final class Work {

        private final Rotation rotation;
        private final ObjectProof proof;
        private final Findings findings;
        private final Memory memory;

        Work(Rotation rotation, ObjectProof proof, Findings findings, Memory memory) {
            this.rotation = rotation;
            this.proof = proof;
            this.findings = findings;
            this.memory = memory;
        }

        /**
         * @param limit how much is read
         */
        void run(MeteredStore metered, long limit, ArchiveFacts facts, TransferProgress progress)
                throws InterruptedException {
            Callable<Long> rest =
                    () -> {
                        proof.ofTheRest(facts, findings);
                        return metered.bytesRead();
                    };
            Callable<Long> reading =
                    () -> {
                        for (Optional<Numbered> next = next(metered, limit);
                                next.isPresent();
                                next = next(metered, limit)) {
                            proof.of(next.get(), findings);
                            progress.onBytes(metered.bytesRead(), limit);
                            memory.saveNowAndThen();
                        }
                        return metered.bytesRead();
                    };
            try (FixedPool pool = new FixedPool("verify", options.parallel())) {
                List<Callable<Long>> work = new ArrayList<>(List.of(rest));
                work.addAll(Collections.nCopies(options.parallel(), reading));
                pool.runAll(work);
            }
        }

        private synchronized Optional<Numbered> next(MeteredStore metered, long limit) {
            long spent = metered.bytesRead() + findings.cold() * BYTES_OF_A_REFUSAL;
            boolean isEnough = !options.sample().isAll() && spent >= limit;
            return isEnough || !rotation.hasNext()
                    ? Optional.empty()
                    : Optional.of(rotation.next());
        }
    }

    /** What the next run will know. */
    private static final class Memory {

        private final ProofStore kept;
        private final Proofs before;
        private final List<Stock> stock;
        private final Findings findings;
        private long savedNanos = System.nanoTime();
        private Optional<LastRun> run = Optional.empty();
        private Optional<String> trouble = Optional.empty();

        Memory(ProofStore kept, Proofs before, List<Stock> stock, Findings findings) {
            this.kept = kept;
            this.before = before;
            this.stock = stock;
            this.findings = findings;
        }

        Proofs now() {
            Proofs known = Proofs.together(List.of(before, findings.proofs())).of(stock);
            return run.map(known::after).orElse(known);
        }

        void ended(long bytes) {
            run = Optional.of(new LastRun(Instant.now(), findings.objects(), bytes, damaged()));
        }

        /** With what was found before, and was not looked at again. */
        List<Damage> damaged() {
            Map<String, Damage> damaged = new LinkedHashMap<>();
            findings.damaged().forEach(it -> damaged.put(it.key(), it));
            now().flaws().stream()
                    .map(Flaw::damage)
                    .forEach(it -> damaged.putIfAbsent(it.key(), it));
            return List.copyOf(damaged.values());
        }

        synchronized void saveNowAndThen() {
            if (System.nanoTime() - savedNanos > SAVING.toNanos()) {
                save();
            }
        }

        /** Whoever may only read verifies all the same. */
        synchronized void save() {
            savedNanos = System.nanoTime();
            try {
                kept.write(now());
                trouble = Optional.empty();
            } catch (StoreException e) {
                trouble = Optional.of(String.valueOf(e.getMessage()));
            }
        }

        synchronized Optional<String> trouble() {
            return trouble;
        }
    }
}
