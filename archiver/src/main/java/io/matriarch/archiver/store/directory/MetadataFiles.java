package io.matriarch.archiver.store.directory;

import io.matriarch.archiver.store.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Metadata of a {@link DirectoryStore}: small text files in a tree beside the objects, since not
 * every file system keeps extended attributes.
 *
 * <p>A file is named after the key and the inode of the content. The content's inode is known
 * before it is linked to its key, so metadata is durable before the object can be seen, and of two
 * writers that race for a key each has a file of its own. In a copy of the repository the inodes
 * are others; there the only file of that key is taken.
 */
final class MetadataFiles {

    private final Path root;
    private final DurableNames names;

    MetadataFiles(Path store, DurableNames names) {
        this.root = store.resolve(".metadata");
        this.names = names;
    }

    Path write(String key, Path content, Metadata metadata) throws IOException {
        Path file = root.resolve(key + "." + inode(content));
        names.createFolders(file);
        String text =
                metadata.values().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
                        .collect(Collectors.joining());
        Files.deleteIfExists(file);
        try (FileChannel channel = PrivateFile.create(file)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        names.sync(file);
        return file;
    }

    Metadata read(String key, Path content) throws IOException {
        try {
            return parse(Files.readString(root.resolve(key + "." + inode(content))));
        } catch (NoSuchFileException e) {
            List<Path> all = all(key);
            return all.size() == 1 ? parse(Files.readString(all.getFirst())) : Metadata.NONE;
        }
    }

    void delete(String key) throws IOException {
        for (Path file : all(key)) {
            Files.deleteIfExists(file);
        }
    }

    private List<Path> all(String key) throws IOException {
        int slash = key.lastIndexOf('/');
        Path folder = root.resolve(key.substring(0, slash + 1));
        String beginning = key.substring(slash + 1) + ".";
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream =
                Files.newDirectoryStream(folder, file -> belongsTo(beginning, file))) {
            stream.forEach(files::add);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    private static boolean belongsTo(String beginning, Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(beginning)
                && name.substring(beginning.length()).matches("[0-9a-f]{16}");
    }

    private static String inode(Path content) throws IOException {
        long inode = ((Number) Files.getAttribute(content, "unix:ino")).longValue();
        return "%016x".formatted(inode);
    }

    private static Metadata parse(String text) {
        Map<String, String> values = new TreeMap<>();
        text.lines()
                .filter(line -> line.contains("="))
                .forEach(line -> {
                    int equals = line.indexOf('=');
                    values.put(line.substring(0, equals), line.substring(equals + 1));
                });
        return Metadata.of(values);
    }
}
