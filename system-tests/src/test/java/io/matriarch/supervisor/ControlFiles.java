package io.matriarch.supervisor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The sidecar's side of a control directory, written down once more from its documentation. */
final class ControlFiles {

    private static final int RECORD_SIZE = 512;

    private final Path directory;
    private long leaseSequence;
    private long desiredSequence;

    ControlFiles(Path directory) {
        this.directory = directory;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** Boot clock in centiseconds. */
    static long bootCentis() {
        try {
            String uptime = Files.readString(Path.of("/proc/uptime"));
            return Long.parseLong(uptime.substring(0, uptime.indexOf(' ')).replace(".", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Permits until so many centiseconds from now; answers with the deadline. */
    long lease(String role, long epoch, long centis) {
        long deadline = bootCentis() + centis;
        leaseSequence++;
        String text =
                "format=1 cluster=test system=- incarnation=i1 epoch=%d role=%s deadline=%d.%02d sequence=%d"
                        .formatted(epoch, role, deadline / 100, deadline % 100, leaseSequence);
        overwrite("lease", record(text));
        ring();
        return deadline;
    }

    void damageLease() {
        byte[] garbage = new byte[RECORD_SIZE];
        Arrays.fill(garbage, (byte) 'x');
        overwrite("lease", garbage);
        ring();
    }

    long desire(String state, String stopMode) {
        desiredSequence++;
        String text =
                "format=1 sequence=%d state=%s stop_mode=%s"
                        .formatted(desiredSequence, state, stopMode);
        replace("desired", record(text));
        ring();
        return desiredSequence;
    }

    void leaveActualOfAnotherBoot() {
        overwrite(
                "actual",
                record(
                        "format=1 sequence=0 state=stopped since=1.00 mode=- pid=0 lock=free exit=- cause=-"
                                + " epoch=0 boot=00000000-0000-0000-0000-000000000000 heartbeat=1.00 poll=250"));
    }

    void write(String name, String content) {
        replace(name, content.getBytes(US_ASCII));
        ring();
    }

    /** The words of {@code actual} (or another record), checked; empty while there is none. */
    Map<String, String> read(String name) {
        try {
            String line = Files.readString(file(name), US_ASCII);
            int end = line.lastIndexOf(" sum=");
            if (line.length() != RECORD_SIZE
                    || end < 0
                    || !line.strip().substring(end + 5).equals(sum(line.substring(0, end)))) {
                return Map.of();
            }
            Map<String, String> words = new LinkedHashMap<>();
            for (String word : line.substring(0, end).split(" ", -1)) {
                int equals = word.indexOf('=');
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return words;
        } catch (IOException e) {
            return Map.of();
        }
    }

    String actual(String key) {
        return read("actual").getOrDefault(key, "?");
    }

    void ring() {
        if (Files.exists(file("bell.supervisor"))) {
            overwrite("bell.supervisor", new byte[] {'.'});
        }
    }

    private void overwrite(String name, byte[] bytes) {
        try (RandomAccessFile file = new RandomAccessFile(file(name).toFile(), "rw")) {
            file.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void replace(String name, byte[] bytes) {
        try {
            Path fresh = directory.resolve("fresh");
            Files.write(fresh, bytes);
            Files.move(fresh, file(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] record(String text) {
        return "%-511s\n".formatted(text + " sum=" + sum(text)).getBytes(US_ASCII);
    }

    private static String sum(String text) {
        int hash = 0x811c9dc5;
        for (byte b : text.getBytes(US_ASCII)) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        return "%08x".formatted(hash);
    }
}
