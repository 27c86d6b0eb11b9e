package io.matriarch.archiver.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.archiver.bundle.BundleUpload;
import io.matriarch.archiver.bundle.DataFile;
import io.matriarch.archiver.bundle.TransferProgress;
import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.ManifestEntry;
import io.matriarch.archiver.journal.BackupJournal;
import io.matriarch.archiver.journal.BackupStart;
import io.matriarch.archiver.journal.InterruptedBackup;
import io.matriarch.archiver.journal.InterruptedBackup.LeftBundle;
import io.matriarch.archiver.repository.BackupId;
import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.ListedObject;
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
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next run takes over of one that was killed, and what not. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ResumeTest {

    private static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("test"), new SystemIdentifier(7));
    private static final BackupId ID = new BackupId(Instant.parse("2026-11-21T08:30:00Z"), 1);
    private static final int BIG = 1 << 20;

    /** Each file of this size is a bundle of its own, the small ones share one. */
    private static final BackupSettings SETTINGS =
            new BackupSettings(2, 1, BIG, Duration.ofMinutes(1)).withJournalEvery(Duration.ZERO);

    @TempDir private Path directory;
    private Path data;
    private BackupScratch scratch;
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // opened before each test
    ResumeTest() {}

    @BeforeEach
    void a_run_is_killed_when_all_is_copied() throws Exception {
        data = Files.createDirectories(directory.resolve("data"));
        Files.createDirectories(data.resolve("base/5"));
        Files.createDirectories(directory.resolve("store"));
        store =
                ObjectStore.open(
                        StoreSettings.of(
                                StoreLocation.parse("file://" + directory.resolve("store"))));
        Files.write(data.resolve("base/5/big"), new byte[BIG]);
        Files.writeString(data.resolve("base/5/one"), "first");
        Files.writeString(data.resolve("base/5/two"), "second");
        scratch = BackupScratch.in(directory);
        copy(new InterruptedBackup(ID, List.of(), 0, 0));
    }

    @AfterEach
    void close() {
        scratch.close();
        store.close();
    }

    private DataCopy copy(InterruptedBackup left) throws Exception {
        BackupJournal journal =
                new BackupJournal(
                        store, LAYOUT, left.id(), writer(SETTINGS.journalEvery()), left.nextPage());
        BundleUpload upload = new BundleUpload(store, LAYOUT, left.id(), left.nextBundle());
        BackupScratch run =
                new BackupScratch(
                        directory,
                        new ScratchList<>(directory, DataFile.CODEC),
                        new ScratchList<>(directory, DataFile.CODEC),
                        scratch.left(),
                        new ScratchList<>(directory, ManifestEntry.CODEC));
        return new Copying(data, false, SETTINGS, upload, journal, Optional.empty(), run)
                .copy(
                        DirectoryScan.of(data, Map.of(), run.found()),
                        left.bundles(),
                        () -> {},
                        TransferProgress.SILENT);
    }

    private Optional<InterruptedBackup> find(String member, long timeline, Instant now) {
        return InterruptedBackup.find(
                store, LAYOUT, member, new TimelineId(timeline), now, scratch.left());
    }

    private InterruptedBackup found() {
        return find("n1", 1, Instant.now()).orElseThrow();
    }

    private static List<ManifestEntry> files(DataCopy copy) {
        List<ManifestEntry> files = new ArrayList<>();
        copy.files().each(files::add);
        return files;
    }

    private static List<String> names(DataCopy copy) {
        return copy.bundles().stream()
                .map(DataCopy.Bundle::object)
                .map(BackupObject::name)
                .toList();
    }

    @Test
    void files_that_are_still_the_same_are_not_uploaded_again() throws Exception {
        InterruptedBackup left = found();

        DataCopy copy = copy(left);

        assertThat(left.id()).isEqualTo(ID);
        assertThat(left.bundles()).hasSize(2);
        assertThat(copy.reused()).isEqualTo(2);
        assertThat(files(copy))
                .extracting("path")
                .containsExactlyInAnyOrder("base/5/big", "base/5/one", "base/5/two");
        // The folders' bundle is the only new one, and gets a number that was never used.
        assertThat(names(copy)).contains("bundle-00003.tar.zst").hasSize(3);
    }

    @Test
    void a_file_of_other_content_is_copied_although_size_and_time_are_the_same() throws Exception {
        Path one = data.resolve("base/5/one");
        FileTime before = Files.getLastModifiedTime(one);
        Files.writeString(one, "FIRST");
        Files.setLastModifiedTime(one, before);

        DataCopy copy = copy(found());

        assertThat(copy.reused()).isEqualTo(1);
        assertThat(files(copy)).hasSize(3);
        assertThat(files(copy))
                .filteredOn(file -> file.path().equals("base/5/one"))
                .extracting("bundle")
                .containsExactly(names(copy).getLast());
    }

    @Test
    void a_file_touched_meanwhile_is_copied() throws Exception {
        Path big = data.resolve("base/5/big");
        Files.setLastModifiedTime(
                big, FileTime.from(Files.getLastModifiedTime(big).toInstant().plusSeconds(1)));

        assertThat(copy(found()).reused()).isEqualTo(1);
    }

    @Test
    void a_bundle_with_a_file_that_vanished_is_not_used_at_all() throws Exception {
        Files.delete(data.resolve("base/5/two"));

        DataCopy copy = copy(found());

        assertThat(copy.reused()).isEqualTo(1);
        assertThat(files(copy))
                .extracting("path")
                .containsExactlyInAnyOrder("base/5/big", "base/5/one");
    }

    @Test
    void a_bundle_that_the_store_has_lost_is_uploaded_again() throws Exception {
        LeftBundle lost = found().bundles().getFirst();
        store.delete(List.of(LAYOUT.backupFolder(ID) + lost.object().name()));

        assertThat(found().bundles())
                .extracting(LeftBundle::object)
                .doesNotContain(lost.object())
                .hasSize(1);
        assertThat(copy(found()).reused()).isEqualTo(1);
    }

    @Test
    void runs_that_are_killed_again_and_again_leave_more_and_more() throws Exception {
        Files.writeString(data.resolve("base/5/two"), "other content");
        copy(found());

        DataCopy third = copy(found());

        assertThat(third.reused()).isEqualTo(2);
        assertThat(files(third)).hasSize(3);
        assertThat(files(third).stream().map(file -> file.path()).distinct()).hasSize(3);
    }

    @Test
    void another_member_or_timeline_takes_nothing_over() {
        assertThat(find("n2", 1, Instant.now())).isEmpty();
        assertThat(find("n1", 2, Instant.now())).isEmpty();
    }

    @Test
    void a_complete_backup_is_not_taken_over() {
        store.putIfAbsent(LAYOUT.backup(ID), Body.of(new byte[1]), Metadata.NONE);

        assertThat(find("n1", 1, Instant.now())).isEmpty();
    }

    @Test
    void a_folder_with_a_manifest_is_not_taken_over() {
        store.putIfAbsent(LAYOUT.manifest(ID), Body.of(new byte[1]), Metadata.NONE);

        assertThat(find("n1", 1, Instant.now())).isEmpty();
    }

    @Test
    void a_damaged_page_only_costs_what_it_told_of() {
        store.putIfAbsent(LAYOUT.journal(ID, 90), Body.of(new byte[] {1, 2, 3}), Metadata.NONE);

        assertThat(found().bundles()).hasSize(2);
        assertThat(found().nextPage()).isEqualTo(91);
    }

    /** Pruning deletes after a day: it must not do so under the hands of who takes over. */
    @Test
    void what_pruning_may_soon_delete_is_left_alone() {
        Instant last =
                store.list(LAYOUT.backupFolder(ID)).stream()
                        .map(ListedObject::lastModified)
                        .max(Instant::compareTo)
                        .orElseThrow();

        assertThat(find("n1", 1, last.plus(InterruptedBackup.RESUMABLE).minusSeconds(1)))
                .isPresent();
        assertThat(find("n1", 1, last.plus(InterruptedBackup.RESUMABLE).plusSeconds(1))).isEmpty();
        assertThat(InterruptedBackup.RESUMABLE).isLessThanOrEqualTo(Duration.ofHours(12));
    }

    @Test
    void retention_hears_of_the_beginning_of_the_run_that_took_over() {
        BackupJournal journal = journal();
        assertThat(start()).isEmpty();
        journal.announce();
        journal.began(Lsn.parse("0/3000028"));
        assertThat(start()).contains(Lsn.parse("0/3000028"));

        BackupJournal next = journal();
        next.announce();
        assertThat(start()).isEmpty();
        next.withdraw();
        assertThat(start()).contains(Lsn.parse("0/3000028"));
        next = journal();
        next.announce();
        next.began(Lsn.parse("0/5000028"));

        assertThat(start()).contains(Lsn.parse("0/5000028"));
        store.putIfAbsent(LAYOUT.journal(ID, 90), Body.of(new byte[] {1, 2, 3}), Metadata.NONE);
        assertThat(start()).isEmpty();
    }

    private BackupJournal journal() {
        return new BackupJournal(store, LAYOUT, ID, writer(Duration.ofDays(1)), found().nextPage());
    }

    private static BackupJournal.Writer writer(Duration every) {
        return new BackupJournal.Writer("n1", TimelineId.FIRST, every, Optional.empty());
    }

    private Optional<Lsn> start() {
        return BackupStart.of(store, LAYOUT, ID, store.list(LAYOUT.backupFolder(ID))).start();
    }

    @Test
    void taking_over_makes_the_folder_young_again() {
        int before = found().nextPage();

        new BackupJournal(store, LAYOUT, ID, writer(Duration.ofDays(1)), before).announce();

        assertThat(found().nextPage()).isEqualTo(before + 1);
        assertThat(found().bundles()).hasSize(2);
    }
}
