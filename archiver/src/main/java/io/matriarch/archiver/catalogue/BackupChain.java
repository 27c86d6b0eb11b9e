package io.matriarch.archiver.catalogue;

import io.matriarch.archiver.repository.BackupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A backup and all that it is based on.
 *
 * @param backups the full one first, each of the others based on the one before it
 */
public record BackupChain(List<BaseBackup> backups) {

    public BackupChain {
        backups = List.copyOf(backups);
    }

    /** A backup's chain, or why it has none. */
    public sealed interface Search {

        record Whole(BackupChain chain) implements Search {}

        /**
         * It cannot be restored.
         *
         * @param missing the backup that is not there, or another than it was
         */
        record Broken(BackupId missing, String reason) implements Search {}
    }

    /**
     * Looks for a backup's chain.
     *
     * @param all the backups that there are
     */
    public static Search of(BaseBackup backup, Collection<BaseBackup> all) {
        Map<BackupId, BaseBackup> byId =
                all.stream()
                        .collect(
                                Collectors.toMap(
                                        BaseBackup::id, Function.identity(), (one, _) -> one));
        List<BaseBackup> chain = new ArrayList<>(List.of(backup));
        for (Optional<IncrementBase> base = backup.wal().base();
                base.isPresent();
                base = chain.getLast().wal().base()) {
            BaseBackup child = chain.getLast();
            BackupId id = base.get().backup();
            BaseBackup parent = byId.get(id);
            if (parent == null) {
                return new Search.Broken(
                        id,
                        "backup %s: is incremental to %s, which is missing, or cannot be read"
                                .formatted(child.id(), id));
            }
            // What is older in the log cannot be based on what is younger: no circle is followed.
            if (!base.get().isMet(parent)
                    || !parent.wal().timeline().equals(child.wal().timeline())
                    || !parent.wal().start().isBefore(child.wal().start())) {
                return new Search.Broken(
                        id,
                        "backup %s: is incremental to %s, which is another backup now"
                                .formatted(child.id(), id));
            }
            chain.add(parent);
        }
        Collections.reverse(chain);
        return new Search.Whole(new BackupChain(chain));
    }

    /** The one that the chain is for. */
    public BaseBackup last() {
        return backups.getLast();
    }

    /** The one that is based on no other. */
    public BaseBackup full() {
        return backups.getFirst();
    }

    /** All but the last, the full one first. */
    public List<BaseBackup> ancestors() {
        return backups.subList(0, backups.size() - 1);
    }
}
