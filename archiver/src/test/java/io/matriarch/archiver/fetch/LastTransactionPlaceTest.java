package io.matriarch.archiver.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegment;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LastTransactionPlaceTest {

    /** What is fetched lies there under other names, and other rights, until it is whole. */
    @Test
    void segments_are_looked_into_where_nobody_else_may_look() {
        WalSegmentSize size = new WalSegmentSize(1 << 20);
        List<Path> places = new ArrayList<>();
        List<String> rights = new ArrayList<>();

        LastTransaction.in(
                (_, target) -> {
                    try {
                        Path place = Objects.requireNonNull(target.getParent());
                        places.add(place);
                        rights.add(
                                PosixFilePermissions.toString(
                                        Files.getPosixFilePermissions(place)));
                        Files.write(target, new byte[1 << 20]);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                List.of(new WalSegment(TimelineId.FIRST, 1, size)),
                Instant.EPOCH);

        assertThat(rights).isNotEmpty().containsOnly("rwx------");
        assertThat(places).noneMatch(Files::exists);
    }
}
