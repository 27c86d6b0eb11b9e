package io.matriarch.archiver.foreign;

import io.matriarch.archiver.fetch.RepositoryWal;
import io.matriarch.archiver.postgresql.TestCluster;
import io.matriarch.archiver.repository.WalName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import io.matriarch.postgres.sql.BackupEnd;
import io.matriarch.postgres.sql.BackupSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Backups of a living cluster in the layouts of WAL-E and WAL-G, byte by byte as these write them.
 *
 * @param root where {@code basebackups_005} and {@code wal_005} are
 */
public record ForeignRepository(TestCluster cluster, Path root) {

    private static final int PAGE = 8_192;
    private static final WalSegmentSize SEGMENTS = new WalSegmentSize(1 << 20);

    private static final Set<String> EXCLUDED =
            Set.of(
                    "log",
                    "pg_wal",
                    "pgsql_tmp",
                    "postmaster.pid",
                    "postmaster.opts",
                    "pg_dynshmem",
                    "pg_notify",
                    "pg_replslot",
                    "pg_serial",
                    "pg_stat_tmp",
                    "pg_snapshots",
                    "pg_subtrans");

    private static final Set<String> SETTINGS =
            Set.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf");

    /** A backup that was made, as the next increment needs to know it. */
    public record Taken(
            String name, Lsn start, String full, int count, Map<String, FileTime> files) {}

    /** What goes into a tar. */
    private static final class Member {

        private final String path;
        private final boolean isFolder;
        private final byte[] content;
        private final FileTime modified;

        Member(String path, boolean isFolder, byte[] content, FileTime modified) {
            this.path = path;
            this.isFolder = isFolder;
            this.content = content;
            this.modified = modified;
        }
    }

    public void put(String key, byte[] content) throws IOException {
        Path place = root.resolve(key);
        Files.createDirectories(place.getParent());
        Files.write(place, content);
    }

    private void put(String key, byte[] plain, Packing packing) throws IOException {
        put(key + packing.ending(), packing.pack(plain));
    }

    /**
     * A backup as WAL-G makes it.
     *
     * @param base what it is an increment of; null for a full one
     * @param version of the sentinel
     * @param packings of the tars, one after the other
     */
    public Taken walG(@Nullable Taken base, int version, Packing... packings) throws Exception {
        try (BackupSession session = BackupSession.open(cluster.address())) {
            Instant began = session.time();
            Lsn start = session.begin("wal-g");
            String segment = WalSegment.containing(TimelineId.FIRST, start, SEGMENTS).name();
            String name =
                    "base_" + segment + (base == null ? "" : "_D_" + base.name().substring(5, 29));
            Map<String, FileTime> times = new TreeMap<>();
            Map<String, String> states = new TreeMap<>();
            List<Member> members = new ArrayList<>();
            for (Member member : members(cluster.data(), "")) {
                if (member.isFolder) {
                    members.add(member);
                    continue;
                }
                times.put(member.path, member.modified);
                FileTime before = base == null ? null : base.files().get(member.path);
                boolean isSkipped = member.modified.equals(before);
                boolean isIncremented =
                        before != null && !isSkipped && isPaged(member.path, member.content);
                if (base != null && isIncremented) {
                    members.add(
                            new Member(
                                    member.path,
                                    false,
                                    increment(member.content, base.start()),
                                    member.modified));
                } else if (!isSkipped) {
                    members.add(member);
                }
                states.put(
                        member.path,
                        "{\"IsIncremented\": %s, \"IsSkipped\": %s, \"MTime\": \"%s\", \"UpdatesCount\": 0}"
                                .formatted(isIncremented, isSkipped, member.modified));
            }
            String folder = "basebackups_005/" + name + "/";
            String sets = parts(folder + "tar_partitions/part_%03d.tar", 1, members, packings);
            byte[] control = Files.readAllBytes(cluster.data().resolve("global/pg_control"));
            BackupEnd end = session.end();
            put(
                    folder + "tar_partitions/pg_control.tar",
                    tar("/", List.of(file("global/pg_control", control))),
                    packings[0]);
            put(folder + "tar_partitions/backup_label.tar", labels(end), packings[0]);
            filesMetadata(folder, states, sets);
            sentinel(base, version, name, began, start, end);
            return new Taken(
                    name,
                    start,
                    base == null ? name : base.full(),
                    base == null ? 0 : base.count() + 1,
                    times);
        }
    }

    private void filesMetadata(String folder, Map<String, String> states, String sets)
            throws IOException {
        String files =
                states.entrySet().stream()
                        .map(it -> "\"/" + it.getKey() + "\": " + it.getValue())
                        .collect(Collectors.joining(", "));
        put(
                folder + "files_metadata.json",
                "{\"Files\": {%s}, \"TarFileSets\": {%s}, \"DatabasesByNames\": {}}"
                        .formatted(files, sets)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void sentinel(
            @Nullable Taken base, int version, String name, Instant began, Lsn start, BackupEnd end)
            throws Exception {
        String delta =
                base == null
                        ? ""
                        : "\"DeltaLSN\": %d, \"DeltaFrom\": \"%s\", \"DeltaFullName\": \"%s\", \"DeltaCount\": %d, "
                                .formatted(
                                        base.start().value(),
                                        base.name(),
                                        base.full(),
                                        base.count() + 1);
        String times =
                "\"%s\": \"%s\", \"%s\": \"%s\""
                        .formatted(
                                version == 2 ? "StartTime" : "start_time",
                                began,
                                version == 2 ? "FinishTime" : "finish_time",
                                end.time());
        put(
                "basebackups_005/" + name + "_backup_stop_sentinel.json",
                "{\"LSN\": %d, %s\"PgVersion\": 150004, \"FinishLSN\": %d, \"SystemIdentifier\": %s, \"UncompressedSize\": 30000000, \"CompressedSize\": 1, \"Spec\": %s, \"UserData\": null%s}"
                        .formatted(
                                start.value(),
                                delta,
                                end.stop().value(),
                                cluster.layout().systemIdentifier(),
                                spec(),
                                version == 2 ? ", \"Version\": 2, " + times : "")
                        .getBytes(StandardCharsets.UTF_8));
        put(
                "basebackups_005/" + name + "/metadata.json",
                "{%s, \"pg_version\": 150004}".formatted(times).getBytes(StandardCharsets.UTF_8));
    }

    /** A backup as WAL-E makes it: without settings, and with the label among the files. */
    public String walE() throws Exception {
        try (BackupSession session = BackupSession.open(cluster.address())) {
            Lsn start = session.begin("wal-e");
            WalSegment first = WalSegment.containing(TimelineId.FIRST, start, SEGMENTS);
            List<Member> members = new ArrayList<>();
            for (Member member : members(cluster.data(), "")) {
                if (!SETTINGS.contains(member.path)) {
                    members.add(member);
                }
            }
            members.add(
                    file(
                            "global/pg_control",
                            Files.readAllBytes(cluster.data().resolve("global/pg_control"))));
            BackupEnd end = session.end();
            members.add(file("backup_label", end.label().text().getBytes(StandardCharsets.UTF_8)));
            members.add(
                    file("tablespace_map", end.tablespaceMap().getBytes(StandardCharsets.UTF_8)));
            String name =
                    "base_%s_%08d".formatted(first.name(), start.value() - first.start().value());
            String folder = "basebackups_005/" + name + "/";
            for (int i = 0; i < 2; i++) {
                put(
                        folder + "tar_partitions/part_%08d.tar".formatted(i),
                        tar("", every(2, i, members)),
                        Packing.LZOP);
            }
            put(
                    folder + "extended_version.txt",
                    cluster.sql("SELECT version()").getBytes(StandardCharsets.UTF_8));
            WalSegment last = WalSegment.containing(TimelineId.FIRST, end.stop(), SEGMENTS);
            put(
                    "basebackups_005/" + name + "_backup_stop_sentinel.json",
                    "{\"wal_segment_backup_stop\": \"%s\", \"wal_segment_offset_backup_stop\": \"%08d\", \"expanded_size_bytes\": 30000000, \"spec\": %s}"
                            .formatted(
                                    last.name(), end.stop().value() - last.start().value(), spec())
                            .getBytes(StandardCharsets.UTF_8));
            try (Stream<Path> log = Files.list(cluster.data().resolve("pg_wal"))) {
                for (Path label : log.filter(it -> it.toString().endsWith(".backup")).toList()) {
                    put("wal_005/" + label.getFileName(), Files.readAllBytes(label), Packing.LZOP);
                }
            }
            return name;
        }
    }

    /** What the cluster has archived, each file packed in another way. */
    public void takeLog(Packing... packings) throws IOException {
        RepositoryWal own = new RepositoryWal(cluster.store(), cluster.layout());
        int count = 0;
        List<String> keys =
                cluster.store().list(cluster.layout().walFolder()).stream()
                        .map(object -> object.key())
                        .toList();
        for (String key : keys) {
            String file = key.substring(key.lastIndexOf('/') + 1).replace(".zst", "");
            WalName name = WalName.tryParse(file).orElseThrow();
            try (var stored = own.open(name).orElseThrow()) {
                put(
                        "wal_005/" + file,
                        stored.plain().readAllBytes(),
                        packings[count++ % packings.length]);
            }
        }
    }

    private static Member file(String path, byte[] content) {
        return new Member(path, false, content, FileTime.from(Instant.now()));
    }

    /** All that is there, tablespaces through their links, but what both tools leave out. */
    private static List<Member> members(Path folder, String path) throws IOException {
        List<Member> members = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                String inside = path.isEmpty() ? name : path + "/" + name;
                FileTime modified = Files.getLastModifiedTime(entry);
                if (Files.isDirectory(entry)) {
                    if (!Files.isSymbolicLink(entry)) {
                        members.add(new Member(inside, true, new byte[0], modified));
                    }
                    if (!EXCLUDED.contains(name)) {
                        members.addAll(members(entry, inside));
                    }
                } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                        && !EXCLUDED.contains(name)
                        && !name.equals("pg_control")) {
                    members.add(new Member(inside, false, Files.readAllBytes(entry), modified));
                }
            }
        }
        return members;
    }

    private static boolean isPaged(String path, byte[] content) {
        return (path.startsWith("base/") || path.startsWith("pg_tblspc/"))
                && path.matches(".*/[0-9]+(\\.[0-9]+)?")
                && content.length > 0
                && content.length % PAGE == 0;
    }

    private static byte[] increment(byte[] file, Lsn since) throws IOException {
        List<Integer> blocks = new ArrayList<>();
        ByteBuffer pages = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < file.length / PAGE; block++) {
            long high = Integer.toUnsignedLong(pages.getInt(block * PAGE));
            long low = Integer.toUnsignedLong(pages.getInt(block * PAGE + 4));
            boolean isNew = pages.getShort(block * PAGE + 14) == 0;
            if (isNew || (high << 32 | low) >= since.value()) {
                blocks.add(block);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer header =
                ByteBuffer.allocate(16 + 4 * blocks.size()).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[] {'w', 'i', '1', 0x55}).putLong(file.length).putInt(blocks.size());
        blocks.forEach(header::putInt);
        out.write(header.array());
        for (int block : blocks) {
            out.write(file, block * PAGE, PAGE);
        }
        return out.toByteArray();
    }

    /** Writes numbered tars; which has which files, as JSON. */
    private String parts(String key, int first, List<Member> members, Packing... packings)
            throws IOException {
        Map<String, String> sets = new HashMap<>();
        for (int i = 0; i < packings.length; i++) {
            List<Member> some = every(packings.length, i, members);
            String name = key.formatted(first + i);
            put(name, tar("/", some), packings[i]);
            sets.put(
                    name.substring(name.lastIndexOf('/') + 1) + packings[i].ending(),
                    some.stream()
                            .map(member -> "\"/" + member.path + "\"")
                            .collect(Collectors.joining(", ", "[", "]")));
        }
        return sets.entrySet().stream()
                .map(it -> "\"" + it.getKey() + "\": " + it.getValue())
                .collect(Collectors.joining(", "));
    }

    private static List<Member> every(int step, int from, List<Member> members) {
        List<Member> some = new ArrayList<>();
        for (int i = from; i < members.size(); i += step) {
            some.add(members.get(i));
        }
        return some;
    }

    private static byte[] labels(BackupEnd end) throws IOException {
        return tar(
                "",
                List.of(
                        file("backup_label", end.label().text().getBytes(StandardCharsets.UTF_8)),
                        file(
                                "tablespace_map",
                                end.tablespaceMap().getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] tar(String before, List<Member> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Member member : members) {
                TarArchiveEntry entry =
                        new TarArchiveEntry(
                                before + member.path,
                                member.isFolder ? TarConstants.LF_DIR : TarConstants.LF_NORMAL,
                                true);
                entry.setMode(member.isFolder ? 040700 : 0100600);
                entry.setSize(member.content.length);
                entry.setModTime(member.modified);
                tar.putArchiveEntry(entry);
                tar.write(member.content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private String spec() throws Exception {
        Map<String, String> places = new TreeMap<>();
        Path links = cluster.data().resolve("pg_tblspc");
        try (Stream<Path> all = Files.list(links)) {
            for (Path link : all.toList()) {
                places.put(link.getFileName().toString(), Files.readSymbolicLink(link).toString());
            }
        }
        return "{\"base_prefix\": \"%s\", \"tablespaces\": [%s]%s}"
                .formatted(
                        cluster.data(),
                        places.keySet().stream()
                                .map(oid -> "\"" + oid + "\"")
                                .collect(Collectors.joining(", ")),
                        places.entrySet().stream()
                                .map(it ->
                                        ", \"%1$s\": {\"loc\": \"%2$s\", \"link\": \"pg_tblspc/%1$s\"}"
                                                .formatted(it.getKey(), it.getValue()))
                                .collect(Collectors.joining()));
    }
}
