package io.matriarch.archiver.retention;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.marks.Pin;
import io.matriarch.archiver.repository.BackupId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which backups stay, and why. Those that cannot be restored on the cluster's lineage count for no
 * promise.
 *
 * <p>From one of them on, the <em>anchor</em>, every moment stays reachable: the one from which the
 * beginning of the window is reached; without a window the oldest that is kept by count; and the
 * newest at the latest. What is kept of the time before the anchor can be restored by itself only.
 */
final class KeptBackups {

    private final RetentionFacts facts;
    private final RetentionPolicy policy;
    private final List<BaseBackup> restorable;
    private final BaseBackup anchor;
    private final Map<BackupId, List<String>> reasons = new LinkedHashMap<>();

    /**
     * @param restorable on the lineage, oldest first; at least one
     */
    KeptBackups(
            RetentionFacts facts,
            RetentionPolicy policy,
            List<BaseBackup> restorable,
            Instant now) {
        this.facts = facts;
        this.policy = policy;
        this.restorable = restorable;
        int newest = restorable.size() - 1;
        int byCount = Math.max(0, restorable.size() - policy.count());
        int byWindow = policy.window().map(it -> reaching(now.minus(it))).orElse(byCount);
        this.anchor = restorable.get(Math.min(newest, byWindow));
        for (int i = 0; i < restorable.size(); i++) {
            if (i >= byCount) {
                keep(i, "one of the newest %d backups".formatted(policy.count()));
            }
            if (policy.window().isPresent() && i >= byWindow) {
                keep(i, "needed for the recovery window of " + policy.window().get());
            }
        }
        keep(newest, "the newest that can be restored");
        periods();
        marks();
        floor();
    }

    private int reaching(Instant begin) {
        int first = 0;
        for (int i = 0; i < restorable.size(); i++) {
            if (!restorable.get(i).stopTime().isAfter(begin)) {
                first = i;
            }
        }
        return first;
    }

    private void periods() {
        for (Period period : Period.values()) {
            String word = period.name().toLowerCase(Locale.ROOT);
            policy.periods()
                    .newest(period, restorable)
                    .forEach((place, name) ->
                            keep(place, "the newest of %s %s".formatted(word, name)));
        }
    }

    private void marks() {
        for (BaseBackup backup : facts.archive().backups()) {
            Pin pin = facts.pins().get(backup.id());
            if (pin != null) {
                keep(backup, pin.reason().isEmpty() ? "pinned" : "pinned: " + pin.reason());
            }
            String held = facts.held().get(backup.id());
            if (held != null) {
                keep(backup, held);
            }
            if (!restorable.contains(backup) && isInStretch(backup)) {
                keep(backup, "not restorable on this lineage, but newer than what is kept");
            }
        }
    }

    /**
     * Keeps what others are based on: the ancestors of all that is kept, and of what somebody else
     * needs.
     *
     * @param needed backups that must stay, and why
     */
    void keepAncestors(Map<BackupId, String> needed) {
        List<BaseBackup> all = facts.archive().backups();
        for (BaseBackup backup : all) {
            String reason = needed.get(backup.id());
            if (reason != null) {
                keep(backup, reason);
            }
        }
        for (BaseBackup backup : all.stream().filter(this::isKept).toList()) {
            Set<BackupId> ancestors = new HashSet<>(facts.withAncestors(Set.of(backup.id())));
            ancestors.remove(backup.id());
            all.stream()
                    .filter(it -> ancestors.contains(it.id()))
                    .forEach(it -> keep(it, "backup %s is based on it".formatted(backup.id())));
        }
    }

    private void floor() {
        long kept = restorable.stream().filter(this::isKept).count();
        for (int i = restorable.size() - 1; i >= 0 && kept < policy.floor(); i--) {
            if (!isKept(restorable.get(i))) {
                keep(i, "the floor is %d backups".formatted(policy.floor()));
                kept++;
            }
        }
    }

    private void keep(int place, String reason) {
        keep(restorable.get(place), reason);
    }

    private void keep(BaseBackup backup, String reason) {
        reasons.computeIfAbsent(backup.id(), _ -> new ArrayList<>()).add(reason);
    }

    boolean isKept(BaseBackup backup) {
        return reasons.containsKey(backup.id());
    }

    /** Whether every moment from this backup on stays reachable, as far as it is now. */
    boolean isInStretch(BaseBackup backup) {
        return backup.equals(anchor) || backup.stopTime().isAfter(anchor.stopTime());
    }

    String reason(BaseBackup backup) {
        List<String> own = reasons.get(backup.id());
        if (own != null) {
            return own.stream().distinct().collect(Collectors.joining("; "));
        }
        return restorable.contains(backup)
                ? "older than what the policy keeps"
                : "not restorable on this lineage, and older than what is kept";
    }
}
