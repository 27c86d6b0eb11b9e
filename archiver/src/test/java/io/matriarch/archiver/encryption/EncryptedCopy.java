package io.matriarch.archiver.encryption;

import io.matriarch.archiver.catalogue.BackupObject;
import io.matriarch.archiver.catalogue.BaseBackup;
import io.matriarch.archiver.catalogue.Sha256;
import io.matriarch.archiver.repository.RepositoryJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a repository in a directory what it would be if it had been encrypted from its beginning.
 */
public final class EncryptedCopy {

    private EncryptedCopy() {}

    /** Encrypts all content below {@code root}, in place. */
    public static void encrypt(Path root, Keyring keyring) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            if (file.toString().endsWith(".zst") && !file.toString().contains("/verifications/")) {
                Files.write(file, encrypted(Files.readAllBytes(file), keyring));
            }
        }
        for (Path file : files) {
            if (file.endsWith("backup.json")) {
                describe(file);
            }
        }
    }

    private static byte[] encrypted(byte[] plain, Keyring keyring) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream encrypting = keyring.encrypting(stored)) {
            encrypting.write(plain);
        }
        return stored.toByteArray();
    }

    private static void describe(Path description) throws IOException {
        BaseBackup before =
                RepositoryJson.read(
                        Files.readAllBytes(description), BaseBackup.class, description.toString());
        List<BackupObject> objects = new ArrayList<>();
        for (BackupObject object : before.objects()) {
            byte[] bytes = Files.readAllBytes(description.resolveSibling(object.name()));
            objects.add(new BackupObject(object.name(), bytes.length, Sha256.hex(bytes)));
        }
        byte[] after =
                RepositoryJson.write(
                        new BaseBackup(
                                before.format(),
                                before.id(),
                                before.label(),
                                before.cluster(),
                                before.systemIdentifier(),
                                before.server(),
                                before.wal(),
                                before.totals(),
                                before.tablespaces(),
                                before.corruptPages(),
                                before.skipped(),
                                objects));
        Files.write(description, after);
        Files.writeString(
                description.resolveSibling("backup.json.sha256"),
                Sha256.hex(after) + "  backup.json\n");
    }
}
