package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SettlingTest {

    /** More than may be open at a time. */
    private static final int FILES = 1000;

    @TempDir private Path folder;

    @Test
    void all_that_were_added_are_closed_when_the_waiting_ends() throws Exception {
        Settling settling = new Settling();
        List<FileChannel> channels = new ArrayList<>();

        for (int i = 0; i < FILES; i++) {
            Path place = folder.resolve(String.valueOf(i));
            FileChannel channel = created(place);
            channels.add(channel);
            settling.add(place, channel);
        }
        settling.await();

        assertThat(channels).noneMatch(FileChannel::isOpen);
    }

    @Test
    void one_that_cannot_be_made_durable_is_told_of_however_many_follow() throws Exception {
        Settling settling = new Settling();
        Path bad = folder.resolve("bad");
        FileChannel closed = created(bad);
        closed.close();

        settling.add(bad, closed);

        assertThatThrownBy(settling::await)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(bad.toString());
        Path good = folder.resolve("good");
        FileChannel channel = created(good);
        assertThatThrownBy(() -> settling.add(good, channel))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(bad.toString());
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(settling::await).hasMessageContaining(bad.toString());
    }

    private static FileChannel created(Path place) throws IOException {
        return FileChannel.open(place, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
