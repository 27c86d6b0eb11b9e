package io.matriarch.archiver.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.archiver.readback.RestoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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

    /** The next run would find its bytes in memory, and the kernel tells of them only once. */
    @Test
    void what_cannot_be_made_durable_does_not_stay_to_be_kept() throws Exception {
        Settling settling = new Settling();
        Path bad = folder.resolve("bad");
        FileChannel closed = created(bad);
        closed.close();

        settling.add(bad, closed);

        assertThatThrownBy(settling::await).hasMessageContaining(bad.toString());
        assertThat(bad).doesNotExist();
        Path late = folder.resolve("late");
        FileChannel channel = created(late);
        assertThatThrownBy(() -> settling.add(late, channel)).hasMessageContaining(bad.toString());
        assertThat(late).doesNotExist();
    }

    @Test
    void of_those_that_wait_only_what_was_durable_before_the_trouble_stays() throws Exception {
        List<Runnable> waiting = new ArrayList<>();
        Settling settling = new Settling(waiting::add);
        Path durable = folder.resolve("durable");
        Path bad = folder.resolve("bad");
        Path behind = folder.resolve("behind");
        settling.add(durable, created(durable));
        FileChannel closed = created(bad);
        closed.close();
        settling.add(bad, closed);
        FileChannel channel = created(behind);
        settling.add(behind, channel);

        waiting.forEach(Runnable::run);

        assertThat(folder).isDirectoryNotContaining(it -> !it.equals(durable));
        assertThat(durable).exists();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(settling::await).hasMessageContaining(bad.toString());
    }

    /** It may be a disk that is mounted read-only after trouble. */
    @Test
    void one_that_cannot_be_removed_either_must_not_be_read_from_memory() throws Exception {
        Settling settling = new Settling();
        Path bad = Files.createDirectory(folder.resolve("bad"));
        Files.createFile(bad.resolve("file"));
        FileChannel closed = created(folder.resolve("other"));
        closed.close();

        settling.add(bad, closed);

        assertThatThrownBy(settling::await)
                .isInstanceOfSatisfying(
                        RestoreException.class,
                        it -> {
                            assertThat(it).hasMessageContaining(bad.toString());
                            assertThat(it.hint()).contains("mount").contains("restore");
                        });
    }

    /** A process that ends first would leave what is about to be removed. */
    @Test
    void whoever_drains_it_comes_back_when_nothing_is_left_to_do() throws Exception {
        Settling settling = new Settling();
        Path bad = folder.resolve("bad");
        FileChannel closed = created(bad);
        closed.close();

        settling.add(bad, closed);
        settling.drain();

        assertThat(bad).doesNotExist();
    }

    private static FileChannel created(Path place) throws IOException {
        return FileChannel.open(place, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
