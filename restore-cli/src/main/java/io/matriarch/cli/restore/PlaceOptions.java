package io.matriarch.cli.restore;

import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.recovery.ServerUser;
import io.matriarch.archiver.restore.RestoreMode;
import io.matriarch.archiver.restore.RestoreOptions;
import io.matriarch.cli.CommandFailure;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a restore goes. */
final class PlaceOptions {

    @Option(
            names = "--target-dir",
            paramLabel = "DIR",
            description = "Where the data directory will be: absent or empty, but for --delta.")
    private @Nullable Path targetDir;

    @Option(
            names = "--tablespace-mapping",
            paramLabel = "OLD=NEW",
            description = "Put the tablespace that was at OLD to NEW; may be repeated.")
    private Map<String, Path> tablespaces = new LinkedHashMap<>();

    @Option(
            names = "--owner",
            paramLabel = "USER",
            description = "Who the files will belong to, and the server will run as; needs root.")
    private @Nullable String owner;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "How many objects to fetch at the same time, 1 to 64.")
    private @Nullable Integer jobs;

    @Option(
            names = "--delta",
            description = {
                "Go over a data directory of the same cluster: files that are as in the backup stay,",
                "all others are replaced or deleted."
            })
    private boolean delta;

    @Option(
            names = "--no-space-check",
            description = "Go on even if the disks seem to have too little room.")
    private boolean noSpaceCheck;

    Path directory() {
        if (targetDir == null) {
            throw CommandFailure.usage(
                    "no target directory is named (expected: --target-dir DIR)",
                    "name one that does not exist yet; 'restore list' says what can be restored");
        }
        return targetDir.toAbsolutePath().normalize();
    }

    Optional<String> owner() {
        return Optional.ofNullable(owner);
    }

    /** Who a server on the files would run as. */
    ServerUser user() {
        return new ServerUser(owner());
    }

    RestoreOptions options(BaseBackup backup, RestoreMode mode) {
        RestoreOptions usual = RestoreOptions.into(directory(), mode);
        Integer parallel = jobs;
        return new RestoreOptions(
                usual.directory(),
                mode,
                places(backup.tablespaces()),
                owner(),
                parallel == null ? usual.parallel() : parallel,
                delta,
                !noSpaceCheck);
    }

    private Map<Long, Path> places(List<Tablespace> known) {
        Map<Long, Path> places = new LinkedHashMap<>();
        tablespaces.forEach((old, place) -> {
            if (place.toString().isEmpty()) {
                throw CommandFailure.usage(
                        "--tablespace-mapping: " + old + "= (expected: OLD=NEW)",
                        "name the place where it is to be");
            }
            places.put(oid(old, known), place.toAbsolutePath());
        });
        return places;
    }

    private static long oid(String location, List<Tablespace> known) {
        // Shells complete the name of a directory with a slash.
        Path old = Path.of(location).normalize();
        return known.stream()
                .filter(tablespace -> Path.of(tablespace.location()).normalize().equals(old))
                .mapToLong(Tablespace::oid)
                .findFirst()
                .orElseThrow(() ->
                        CommandFailure.refused(
                                "tablespace: "
                                        + location
                                        + " is not in this backup (expected: one of "
                                        + known.stream().map(Tablespace::location).toList()
                                        + ")",
                                "name the place where it was, as in --tablespace-mapping"
                                        + " /old=/new"));
    }
}
