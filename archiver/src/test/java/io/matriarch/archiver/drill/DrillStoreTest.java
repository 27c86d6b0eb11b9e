package io.matriarch.archiver.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.drill.DrillReport.Aim;
import io.matriarch.archiver.drill.DrillReport.Measures;
import io.matriarch.archiver.planning.TestArchive;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DrillStoreTest {

    @TempDir private Path folder;

    private static DrillReport begun(Instant begun) {
        return new DrillReport(
                DrillReport.FORMAT,
                "here",
                begun,
                begun.plusSeconds(5),
                new Aim("latest", Optional.empty(), Optional.empty()),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Measures.NONE,
                List.of(),
                Optional.empty());
    }

    /** One object of it gives no content. */
    private record Refusing(ObjectStore store, String refused, Exception cause)
            implements DelegatingStore {

        @Override
        public Optional<InputStream> get(String key) {
            if (key.equals(refused)) {
                throw new StoreException("cannot read " + key, "look there", true, cause);
            }
            return store.get(key);
        }
    }

    @Test
    void the_last_one_that_may_be_read_counts_and_silence_is_no_answer() throws IOException {
        ObjectStore store =
                ObjectStore.open(
                        StoreSettings.of(
                                StoreLocation.parse(
                                        "file://" + Files.createDirectory(folder.resolve("s")))));
        DrillStore drills = new DrillStore(store, TestArchive.LAYOUT);
        DrillReport older = begun(Instant.parse("2026-11-21T03:30:00Z"));
        DrillReport newer = begun(Instant.parse("2026-11-22T03:30:00Z"));
        String newest = drills.write(newer);
        String _ = drills.write(older);

        assertThat(drills.last()).contains(newer);
        ObjectStore foreign = new Refusing(store, newest, new AccessDeniedException(newest));
        assertThat(new DrillStore(foreign, TestArchive.LAYOUT).last()).contains(older);
        ObjectStore silent = new Refusing(store, newest, new IOException("gone"));
        assertThatThrownBy(() -> new DrillStore(silent, TestArchive.LAYOUT).last())
                .isInstanceOf(StoreException.class);
    }
}
