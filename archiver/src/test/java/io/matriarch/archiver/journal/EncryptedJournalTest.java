package io.matriarch.archiver.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.encryption.Keyring;
import io.matriarch.archiver.encryption.TestKey;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.DelegatingStore;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.host.ScratchList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run notes hides the names of files, and not what others must know to spare its WAL. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EncryptedJournalTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("test"), new SystemIdentifier(7));
    private static final BackupId ID = new BackupId(Instant.parse("2026-11-21T08:30:00Z"), 1);
    private static final Lsn START = Lsn.parse("0/3000028");

    private final TestKey key = TestKey.create();

    @TempDir private Path directory;
    private ObjectStore store;
    private ScratchList<ManifestEntry> files;

    @SuppressWarnings("NullAway.Init") // opened before each test
    EncryptedJournalTest() {}

    @BeforeEach
    void a_run_that_has_confirmed_a_bundle() throws Exception {
        store =
                ObjectStore.open(
                        StoreSettings.of(
                                StoreLocation.parse(
                                        "file://"
                                                + Files.createDirectory(directory.resolve("s")))));
        files = new ScratchList<>(directory, ManifestEntry.CODEC);
        BackupJournal journal = journal(TestKey.writingFor(key), 0);
        journal.announce();
        journal.began(START);
        BackupObject bundle = new BackupObject("bundle-00000.tar.zst", 4, "00");
        store.putIfAbsent(LAYOUT.bundle(ID, 0), Body.of(new byte[4]), Metadata.NONE);
        ManifestEntry file =
                new ManifestEntry(
                        "base/5/1259", 1, "0600", Instant.EPOCH, "00000000", bundle.name(), 0);
        journal.confirmed(new BundleUpload.Stored(bundle, List.of(file), List.of()));
    }

    @AfterEach
    void close() {
        files.close();
        store.close();
    }

    private BackupJournal journal(Keyring keyring, int firstPage) {
        return new BackupJournal(
                new DelegatingStore.Keyed(store, keyring),
                LAYOUT,
                ID,
                new BackupJournal.Writer("n1", TimelineId.FIRST, Duration.ZERO, Optional.empty()),
                firstPage);
    }

    private Optional<Lsn> start(Keyring keyring) {
        return BackupStart.of(
                        new DelegatingStore.Keyed(store, keyring),
                        LAYOUT,
                        ID,
                        store.list(LAYOUT.backupFolder(ID)))
                .start();
    }

    private InterruptedBackup found(Keyring keyring) {
        return InterruptedBackup.find(
                        new DelegatingStore.Keyed(store, keyring),
                        LAYOUT,
                        "n1",
                        TimelineId.FIRST,
                        Instant.now(),
                        files)
                .orElseThrow();
    }

    @Test
    void only_the_page_that_names_files_is_encrypted() {
        assertThat(store.list(LAYOUT.backupFolder(ID)))
                .filteredOn(it -> it.key().contains("journal"))
                .extracting(it -> store.head(it.key()).orElseThrow().encryptedFor())
                .containsExactly(
                        Optional.empty(), Optional.empty(), Optional.of(key.fingerprint()));
    }

    @Test
    void where_it_begins_is_known_also_where_nothing_can_be_decrypted() {
        assertThat(start(Keyring.NONE)).contains(START);
        assertThat(start(TestKey.readingWith(key))).contains(START);
    }

    @Test
    void one_who_takes_over_and_has_not_begun_keeps_all_wal_again() {
        journal(TestKey.writingFor(key), 3).announce();

        assertThat(start(Keyring.NONE)).isEmpty();
        assertThat(start(TestKey.readingWith(key))).isEmpty();
    }

    @Test
    void with_the_key_the_bundle_serves_again_and_without_it_all_is_copied_anew() {
        assertThat(found(TestKey.readingWith(key)).bundles()).hasSize(1);

        InterruptedBackup left = found(TestKey.writingFor(key));
        assertThat(left.bundles()).isEmpty();
        assertThat(left.nextBundle()).isEqualTo(1);
        assertThat(left.nextPage()).isEqualTo(3);
    }
}
