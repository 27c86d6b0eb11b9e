package io.matriarch.elector.member;

import io.matriarch.elector.enactment.Marks;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.DataDirectory;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.host.FileTrees;
import io.matriarch.postgres.host.WholeFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a member remembers beside its data directory: its incarnation, under which epoch it was last
 * a primary, and what must be repaired before its Postgres may run. Out of the data directory
 * itself, because a rewind copies the primary's files over everything there.
 */
public final class MemberDirectory implements Marks {

    private static final String ASIDE = "aside-";

    private final Path path;
    private final KeptWal kept;

    public MemberDirectory(Path path) {
        this.path = path;
        this.kept = new KeptWal(path);
        try {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + path + " cannot be made", e);
        }
    }

    public Path path() {
        return path;
    }

    /** This member's incarnation, made up once. */
    public String incarnation() {
        Optional<String> known = read("incarnation");
        if (known.isPresent()) {
            return known.get();
        }
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        String fresh = HexFormat.of().formatHex(random);
        write("incarnation", fresh);
        return fresh;
    }

    @Override
    public Optional<Epoch> reign() {
        return read("reign").map(words -> Epoch.parse(words.split(" ", 2)[0]));
    }

    @Override
    public Optional<TimelineId> toldTimeline() {
        return read("reign").map(words -> new TimelineId(Long.parseLong(words.split(" ", 2)[1])));
    }

    @Override
    public void noteReign(Epoch epoch, TimelineId told) {
        write("reign", epoch + " " + told.value());
    }

    @Override
    public Repair repair() {
        return read("repair").map(Repair::valueOf).orElse(Repair.NONE);
    }

    @Override
    public void noteRepair(Repair repair) {
        write("repair", repair.name());
    }

    @Override
    public Optional<Finished> finished() {
        return read("finished")
                .map(words -> words.split(" ", 3))
                .map(words ->
                        new Finished(
                                Repair.valueOf(words[0]),
                                Epoch.parse(words[1]),
                                words.length > 2 ? Lsn.parse(words[2]) : null));
    }

    @Override
    public void noteFinished(Finished repair) {
        String forgotten = repair.forgotten() == null ? "" : " " + repair.forgotten();
        write("finished", repair.repair() + " " + repair.epoch() + forgotten);
    }

    @Override
    public void noteProven() {
        delete("finished");
    }

    @Override
    public void noteStandby() {
        delete("repair");
        delete("reign");
    }

    @Override
    public void noteSound() {
        delete("repair");
    }

    @Override
    public void setAside(Path dataDirectory) {
        try {
            Files.move(dataDirectory, unusedAside(), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(dataDirectory + " cannot be moved aside", e);
        }
    }

    /** Two may be set aside within a millisecond. */
    private Path unusedAside() {
        long number = System.currentTimeMillis();
        while (Files.exists(path.resolve(ASIDE + number))) {
            number++;
        }
        return path.resolve(ASIDE + number);
    }

    @Override
    public Optional<Path> keepWal(Epoch epoch, Path dataDirectory, DivergentWal wal) {
        return kept.keep(epoch, new DataDirectory(dataDirectory).wal(), wal);
    }

    @Override
    public void partKeptWal(Path dataDirectory) {
        kept.part(new DataDirectory(dataDirectory).wal());
    }

    @Override
    public List<Path> asides() {
        try (Stream<Path> entries = Files.list(path)) {
            return Stream.concat(entries.filter(MemberDirectory::isAside), kept.oldest().stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + path + " cannot be read", e);
        }
    }

    private static boolean isAside(Path entry) {
        return entry.getFileName().toString().startsWith(ASIDE);
    }

    /** Under its own name nobody is to find kept WAL of which a part is missing. */
    @Override
    public void remove(List<Path> asides) throws InterruptedException {
        for (Path aside : asides) {
            if (Files.notExists(aside, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            FileTrees.removeUnhurriedly(isAside(aside) ? aside : renamed(aside));
        }
    }

    private Path renamed(Path kept) {
        Path aside = path.resolve(ASIDE + System.currentTimeMillis() + "-" + kept.getFileName());
        try {
            return Files.move(kept, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(kept + " cannot be moved aside", e);
        }
    }

    /**
     * Writes a password file for libpq (PostgreSQL manual, "The Password File"), for the owner
     * only.
     */
    public Path writePasswordFile(List<String> lines) {
        Path file = path.resolve("pgpass");
        try {
            WholeFiles.replaceDurably(
                    file,
                    String.join("\n", lines) + "\n",
                    PosixFilePermissions.fromString("rw-------"));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private Optional<String> read(String name) {
        try {
            return Optional.of(Files.readString(path.resolve(name)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read in " + path, e);
        }
    }

    private void write(String name, String text) {
        try {
            WholeFiles.replaceDurably(path.resolve(name), text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be written in " + path, e);
        }
    }

    private void delete(String name) {
        try {
            Files.deleteIfExists(path.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be removed in " + path, e);
        }
    }
}
