package io.matriarch.postgres.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is to be written, summed up for each file system. Places need not exist yet. */
public final class DiskRoom {

    /**
     * A file system that is too small.
     *
     * @param places that lie on it
     */
    public record Shortage(List<Path> places, long needed, long free) {

        public Shortage {
            places = List.copyOf(places);
        }
    }

    private final Map<Object, List<Path>> places = new LinkedHashMap<>();
    private final Map<Object, Long> needed = new LinkedHashMap<>();

    /** So many bytes more, or fewer, below {@code place}. */
    public void add(Path place, long bytes) {
        Object disk = disk(place);
        List<Path> there = places.computeIfAbsent(disk, _ -> new ArrayList<>());
        if (!there.contains(place)) {
            there.add(place);
        }
        needed.merge(disk, bytes, Long::sum);
    }

    public List<Shortage> shortages() {
        List<Shortage> shortages = new ArrayList<>();
        needed.forEach((disk, bytes) -> {
            List<Path> there = places.getOrDefault(disk, List.of());
            long free = free(there.getFirst());
            if (bytes > free) {
                shortages.add(new Shortage(there, bytes, free));
            }
        });
        return shortages;
    }

    private static Object disk(Path place) {
        try {
            return Files.getAttribute(existing(place), "unix:dev");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long free(Path place) {
        try {
            return Files.getFileStore(existing(place)).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path existing(Path place) {
        Path up = place;
        while (!Files.exists(up) && up.getParent() != null) {
            up = up.getParent();
        }
        return up;
    }
}
