package io.matriarch.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.matriarch.outside.Ended;
import io.matriarch.outside.Launcher;
import io.matriarch.outside.RunningCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whoever may look at logs, processes and public files learns no password and no key. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretsIT {

    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE);

    /** Logs, programs, words between processes, positions and epochs: no data of a user. */
    private static final Pattern PUBLIC =
            Pattern.compile(
                    "runtime/.*|.*[.]log|zookeeper/version-2/.*|ambassador/ambassador[.]epoch"
                            + "|node[0-9]+/(control/(lease|desired|archive-wal|fetch-wal)"
                            + "|spool/push/[0-9A-F]{24}[.]ok|spool/fetch/[^/]*[.](want|absent|error)"
                            + "|data[.]matriarch/(reign|incarnation|backup[.]lock)"
                            + "|[.]data[.]restoring|data/matriarch[.]conf)");

    @RegisterExtension
    static final LocalCluster cluster = LocalCluster.with("--nodes", "2", "--store", "s3");

    private final List<String> secrets = secrets();

    @Test
    void no_log_holds_a_secret() throws InterruptedException {
        workALittle();

        List<Path> logs = files().filter(file -> file.toString().endsWith(".log")).toList();

        assertThat(logs).hasSizeGreaterThan(4);
        assertThat(logs).filteredOn(this::holdsASecret).isEmpty();
    }

    @Test
    void a_file_that_holds_a_secret_is_its_owners_alone() {
        List<Path> secretive = files().filter(this::holdsASecret).toList();

        assertThat(secretive)
                .extracting(file -> file.getFileName().toString())
                .contains("cluster.json", "local.json");
        assertThat(secretive).filteredOn(SecretsIT::isOpenToOthers).isEmpty();
    }

    /** Whatever the folders' modes are: somebody may have opened them, or copied the files. */
    @Test
    void nobody_else_may_read_what_users_have_put_there() throws Exception {
        workALittle();
        Path root = cluster.running().root();
        List<Path> all = everyFile(root);

        List<Path> open =
                all.stream()
                        .filter(SecretsIT::isReadableByAll)
                        .map(root::relativize)
                        .filter(file -> !PUBLIC.matcher(file.toString()).matches())
                        .toList();

        assertThat(all)
                .extracting(file -> root.relativize(file).toString())
                .contains("node1/data/PG_VERSION", "node2/data/PG_VERSION")
                .anyMatch(file -> file.startsWith("node2/data/pg_wal/0"));
        assertThat(open).isEmpty();
    }

    /** Servers at work delete files while one looks. */
    private static List<Path> everyFile(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile()) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException trouble)
                            throws IOException {
                        if (trouble instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw trouble;
                    }
                });
        return files;
    }

    private static boolean isReadableByAll(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void no_command_line_holds_a_secret() throws InterruptedException {
        List<String> commands = new ArrayList<>();
        Thread looking =
                Thread.ofVirtual()
                        .start(() -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                commands.addAll(commandLines());
                            }
                        });
        try {
            workALittle();
        } finally {
            looking.interrupt();
            looking.join();
        }

        assertThat(commands).anyMatch(line -> line.contains(cluster.running().root().toString()));
        assertThat(commands).noneMatch(line -> secrets.stream().anyMatch(line::contains));
    }

    @Test
    void no_command_prints_a_secret() throws InterruptedException {
        for (Ended ended : workALittle()) {
            assertThat(ended.output() + ended.errors())
                    .as(ended.toString())
                    .doesNotContain(secrets.toArray(String[]::new));
        }
    }

    /** Also with wrong keys, which make it say more. */
    private List<Ended> workALittle() throws InterruptedException {
        String directory = cluster.running().root().toString();
        Launcher launcher = Launcher.here();
        return List.of(
                launcher.run("status", "--dir", directory, "--json"),
                launcher.run("backup", "--dir", directory),
                launcher.run("backups", "--dir", directory),
                launcher.run(
                        Map.of(
                                "AWS_ACCESS_KEY_ID",
                                "nobody",
                                "AWS_SECRET_ACCESS_KEY",
                                secrets.getLast()),
                        "backups",
                        "--repository",
                        plan("repository", "cluster.json").asText()));
    }

    private static JsonNode plan(String field, String file) {
        try {
            RunningCluster running = cluster.running();
            return new ObjectMapper()
                    .readTree(Files.readAllBytes(running.root().resolve(file)))
                    .path(field);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> secrets() {
        List<String> secrets = new ArrayList<>();
        plan("secrets", "local.json")
                .properties()
                .forEach(secret -> {
                    // The key's id is a name: errors must be able to tell which it was.
                    if (!secret.getKey().equals("accessKey")) {
                        secrets.add(secret.getValue().asText());
                    }
                });
        assertThat(secrets).hasSize(4).allMatch(secret -> secret.length() > 12);
        return secrets;
    }

    /** Not the data of PostgreSQL and of the S3 server, which hold what users put there. */
    private static Stream<Path> files() {
        try (Stream<Path> all = Files.walk(cluster.running().root())) {
            return all
                    .filter(Files::isRegularFile)
                    .filter(file -> !file.toString().matches(".*/(data|runtime|s3|zookeeper)/.*"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean holdsASecret(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), ISO_8859_1);
            return secrets.stream().anyMatch(text::contains);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOpenToOthers(Path file) {
        try {
            return Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> commandLines() {
        return ProcessHandle.allProcesses()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                .map(SecretsIT::textOrNothing)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String textOrNothing(Path file) {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (IOException e) {
            // It ended meanwhile.
            return "";
        }
    }
}
