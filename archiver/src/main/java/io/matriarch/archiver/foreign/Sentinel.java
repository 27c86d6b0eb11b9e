package io.matriarch.archiver.foreign;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.matriarch.archiver.catalogue.Tablespace;
import io.matriarch.archiver.repository.RepositoryJson;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the object tells that marks a backup as complete; also what {@code metadata.json} tells
 * beside it. Fields of all versions of both tools are read, those that are not known are skipped,
 * and positions are 64 bits long.
 *
 * @param start where WAL-G says that replay begins
 * @param finish where WAL-G says that the data is consistent
 * @param stop the same as WAL-E says it: a segment and an offset in it
 * @param delta what this backup is an increment of
 * @param version {@code server_version_num}, 0 if it is not told
 * @param bytes of the files, 0 if not told
 * @param storedBytes of the objects, 0 if not told
 * @param files where the list of files is
 */
record Sentinel(
        Optional<Lsn> start,
        Optional<Lsn> finish,
        Optional<Stop> stop,
        Optional<Delta> delta,
        int version,
        Optional<SystemIdentifier> system,
        long bytes,
        long storedBytes,
        List<Tablespace> tablespaces,
        Times times,
        String host,
        FileList files) {

    /** Large, and of no use to a plan. */
    private static final Set<String> SKIPPED =
            Set.of("Files", "TarFileSets", "DatabasesByNames", "UserData", "user_data");

    private static final Instant LONG_AGO = Instant.parse("1990-01-01T00:00:00Z");

    /** Where the list of a backup's files is. */
    enum FileList {
        /** WAL-E makes none, and WAL-G need not. */
        NONE,
        /** In the sentinel itself, as old versions put it. */
        HERE,
        /** In {@code files_metadata.json}. */
        BESIDE
    }

    /** A segment's name, and an offset within. */
    record Stop(String segment, long offset) {}

    /**
     * An increment of another backup.
     *
     * @param from the other one's name
     * @param since where the other one began
     */
    record Delta(String from, Optional<Lsn> since) {}

    /** When a backup began, and was complete. */
    record Times(Optional<Instant> start, Optional<Instant> finish) {}

    /**
     * Reads it.
     *
     * @throws IOException if it is not JSON, or not what it should be
     */
    static Sentinel read(InputStream json) throws IOException {
        Map<String, JsonNode> fields = new HashMap<>();
        boolean hasFiles = false;
        try (JsonParser parser = RepositoryJson.mapper().createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (SKIPPED.contains(field)) {
                    hasFiles |= field.equals("Files") && value == JsonToken.START_OBJECT;
                    parser.skipChildren();
                } else {
                    JsonNode node = parser.readValueAsTree();
                    fields.put(field, node);
                }
            }
        }
        try {
            return of(new Fields(fields), hasFiles);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Sentinel of(Fields fields, boolean hasFiles) {
        Optional<Lsn> deltaSince =
                fields.position("DeltaLSN").or(() -> fields.position("DeltaFromLSN"));
        return new Sentinel(
                fields.position("LSN").or(() -> fields.position("start_lsn")),
                fields.position("FinishLSN").or(() -> fields.position("finish_lsn")),
                fields.text("wal_segment_backup_stop")
                        .map(segment ->
                                new Stop(segment, fields.number("wal_segment_offset_backup_stop"))),
                fields.text("DeltaFrom").map(from -> new Delta(from, deltaSince)),
                (int) Math.max(fields.number("PgVersion"), fields.number("pg_version")),
                fields.unsigned("SystemIdentifier")
                        .or(() -> fields.unsigned("system_identifier"))
                        .map(SystemIdentifier::new),
                Math.max(
                        fields.number("DataCatalogSize"),
                        Math.max(
                                fields.number("UncompressedSize"),
                                fields.number("expanded_size_bytes"))),
                fields.number("CompressedSize"),
                tablespaces(fields),
                new Times(
                        fields.time("StartTime").or(() -> fields.time("start_time")),
                        fields.time("FinishTime").or(() -> fields.time("finish_time"))),
                fields.text("Hostname").or(() -> fields.text("hostname")).orElse(""),
                fileList(fields, hasFiles));
    }

    private static FileList fileList(Fields fields, boolean isHere) {
        boolean isNone =
                fields.text("wal_segment_backup_stop").isPresent()
                        || fields.text("FilesMetadataDisabled").filter("true"::equals).isPresent();
        if (isNone) {
            return FileList.NONE;
        }
        return isHere ? FileList.HERE : FileList.BESIDE;
    }

    private static List<Tablespace> tablespaces(Fields fields) {
        List<Tablespace> found = new ArrayList<>();
        JsonNode spec = fields.node("Spec").or(() -> fields.node("spec")).orElse(null);
        if (spec == null || !spec.isObject()) {
            return found;
        }
        for (JsonNode each : spec.path("tablespaces")) {
            String oid = each.asText();
            String location = spec.path(oid).path("loc").asText("");
            if (!oid.matches("[0-9]{1,10}") || !location.startsWith("/")) {
                throw new IllegalArgumentException(
                        "tablespace: "
                                + oid
                                + " at '"
                                + location
                                + "' (expected: a number and an absolute path)");
            }
            // Neither tool knows what SQL calls it.
            found.add(new Tablespace(Long.parseLong(oid), oid, location));
        }
        return found;
    }

    /** The same, with what another object tells where this one does not. */
    Sentinel completed(Sentinel beside) {
        return new Sentinel(
                start.or(beside::start),
                finish.or(beside::finish),
                stop,
                delta,
                version == 0 ? beside.version : version,
                system.or(beside::system),
                Math.max(bytes, beside.bytes),
                Math.max(storedBytes, beside.storedBytes),
                tablespaces,
                new Times(
                        times.start.or(beside.times::start), times.finish.or(beside.times::finish)),
                host.isEmpty() ? beside.host : host,
                files);
    }

    /** Whether WAL-E has written it. */
    boolean isOfWalE() {
        return stop.isPresent();
    }

    private record Fields(Map<String, JsonNode> nodes) {

        Optional<JsonNode> node(String name) {
            return Optional.ofNullable(nodes.get(name)).filter(node -> !node.isNull());
        }

        Optional<String> text(String name) {
            return node(name).map(JsonNode::asText).filter(text -> !text.isBlank());
        }

        Optional<Long> unsigned(String name) {
            return text(name).map(Long::parseUnsignedLong);
        }

        /** WAL-E writes some numbers as texts. */
        long number(String name) {
            return text(name).map(Long::parseLong).orElse(0L);
        }

        /** A number, or as PostgreSQL writes it. */
        Optional<Lsn> position(String name) {
            return text(name)
                    .map(text ->
                            text.contains("/")
                                    ? Lsn.parse(text)
                                    : new Lsn(Long.parseUnsignedLong(text)))
                    .filter(lsn -> lsn.value() != 0);
        }

        /** WAL-G writes the year 1 where it knows no time. */
        Optional<Instant> time(String name) {
            return text(name)
                    .map(text -> OffsetDateTime.parse(text).toInstant())
                    .filter(time -> time.isAfter(LONG_AGO));
        }
    }
}
