package io.matriarch.archiver.verification;

import io.matriarch.archiver.planning.Damage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a run has found so far. May be told by several threads. */
final class Findings {

    private final Instant at;
    private final Map<String, NavigableMap<Long, Long>> proven = new TreeMap<>();
    private final List<Flaw> flaws = new ArrayList<>();
    private final Map<String, Damage> damaged = new LinkedHashMap<>();
    private long objects;
    private long vanished;
    private long cold;
    private long locked;

    /**
     * @param at when the run has begun: what it proves was whole then at the earliest
     */
    Findings(Instant at) {
        this.at = at;
    }

    synchronized void isWhole(Numbered object) {
        objects++;
        NavigableMap<Long, Long> runs =
                proven.computeIfAbsent(object.folder(), _ -> new TreeMap<>());
        Map.Entry<Long, Long> below = runs.lowerEntry(object.number());
        boolean goesOn = below != null && below.getValue() == object.number() - 1;
        Long beyond = runs.remove(object.number() + 1);
        runs.put(
                goesOn ? below.getKey() : object.number(),
                beyond == null ? object.number() : beyond);
    }

    /**
     * @param damage of the object itself, or of what is needed to prove it
     */
    synchronized void isDamaged(Numbered object, Damage damage) {
        objects++;
        flaws.add(new Flaw(object.folder(), object.number(), damage, at));
        add(damage);
    }

    synchronized void hasVanished() {
        vanished++;
    }

    synchronized void isCold() {
        cold++;
    }

    /** It is encrypted, and nothing here decrypts it. */
    synchronized void isLocked() {
        locked++;
    }

    synchronized long locked() {
        return locked;
    }

    /** Damage of what has no number, and is looked at in every run. */
    synchronized void add(Damage damage) {
        damaged.putIfAbsent(damage.key(), damage);
    }

    synchronized long objects() {
        return objects;
    }

    synchronized long vanished() {
        return vanished;
    }

    synchronized long cold() {
        return cold;
    }

    synchronized List<Damage> damaged() {
        return List.copyOf(damaged.values());
    }

    synchronized Proofs proofs() {
        List<Span> spans = new ArrayList<>();
        proven.forEach((folder, runs) ->
                runs.forEach((first, last) -> spans.add(new Span(folder, first, last, at))));
        return new Proofs(spans, flaws);
    }
}
