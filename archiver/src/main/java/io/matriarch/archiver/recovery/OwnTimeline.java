package io.matriarch.archiver.recovery;

import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The timeline that a restored server has begun. Its history says where replay ended, also when the
 * server has been started again since and knows that no longer.
 *
 * @param directory the data directory
 */
record OwnTimeline(Path directory) {

    /**
     * Where replay of {@code planned} ended. Empty if the server has not promoted: the history
     * comes first, and recovery is over when its signal is gone.
     */
    Optional<Lsn> began(TimelineId planned) {
        DataDirectory data = new DataDirectory(directory);
        if (data.hasRecoverySignal()) {
            return Optional.empty();
        }
        try (Stream<Path> names = Files.list(data.walDirectory())) {
            return names.map(file -> WalName.tryParse(file.getFileName().toString()))
                    .flatMap(Optional::stream)
                    .filter(WalName.History.class::isInstance)
                    .map(WalName::timeline)
                    .filter(timeline -> timeline.compareTo(planned) > 0)
                    .map(data::history)
                    .flatMap(Optional::stream)
                    .map(history -> history.leftAt(planned))
                    .flatMap(Optional::stream)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
