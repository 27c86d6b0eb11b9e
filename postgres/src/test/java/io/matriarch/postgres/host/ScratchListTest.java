package io.matriarch.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ScratchListTest {

    private static final ScratchList.Codec<String> TEXT =
            new ScratchList.Codec<>() {
                @Override
                public void write(String item, DataOutput out) throws IOException {
                    out.writeUTF(item);
                }

                @Override
                public String read(DataInput in) throws IOException {
                    return in.readUTF();
                }
            };

    @TempDir Path folder;

    @Test
    void it_gives_back_what_was_added_as_a_whole_and_by_runs() throws IOException {
        Random random = new Random(1);
        List<String> plain = new ArrayList<>();
        List<ScratchList.Run> runs = new ArrayList<>();
        try (ScratchList<String> list = new ScratchList<>(folder, TEXT)) {
            for (int i = 0; i < 500; i++) {
                List<String> items = new ArrayList<>();
                for (int k = random.nextInt(20); k > 0; k--) {
                    items.add("x".repeat(random.nextInt(100)) + i);
                }
                runs.add(list.addAll(items));
                plain.addAll(items);
            }
            ScratchList.Run two = list.add("one").withNext();
            ScratchList.Run unused = list.add("two");

            List<String> all = new ArrayList<>();
            list.each(all::add);
            List<String> byRuns = new ArrayList<>();
            runs.forEach(run -> byRuns.addAll(list.read(run)));

            assertThat(byRuns).isEqualTo(plain);
            assertThat(list.read(two)).containsExactly("one", "two");
            assertThat(list.read(unused)).containsExactly("two");
            assertThat(all).startsWith(plain.toArray(String[]::new)).endsWith("one", "two");
            assertThat(list.size()).isEqualTo(all.size());
        }
    }

    @Test
    void trouble_with_its_disk_names_the_place() throws IOException {
        ScratchList<String> list = new ScratchList<>(folder, TEXT);
        list.add("something");
        list.close();

        assertThatThrownBy(() -> list.each(it -> {}))
                .isInstanceOf(ScratchException.class)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void nobody_sees_its_file_and_nothing_stays_of_it() throws IOException {
        try (ScratchList<String> list = new ScratchList<>(folder, TEXT)) {
            list.add("something");

            assertThat(folder).isEmptyDirectory();
        }
    }
}
