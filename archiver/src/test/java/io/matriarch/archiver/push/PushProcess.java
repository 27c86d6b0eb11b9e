package io.matriarch.archiver.push;

import io.matriarch.archiver.repository.ClusterName;
import io.matriarch.archiver.repository.RepositoryLayout;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreLocation;
import io.matriarch.archiver.store.StoreSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** An archiver in a process of its own, to be killed. */
final class PushProcess {

    static final RepositoryLayout LAYOUT =
            new RepositoryLayout(new ClusterName("shop"), FakeWal.SYSTEM);

    private PushProcess() {}

    /** Keys are handed over as the SDK finds them, in the environment. */
    static Process start(StoreSettings store, Path data, Path spool, Path output)
            throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-cp",
                                classPath,
                                PushProcess.class.getName(),
                                store.location().toString(),
                                data.toString(),
                                spool.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(new File(output.toString())));
        store.credentials()
                .ifPresent(keys -> {
                    process.environment().put("AWS_ACCESS_KEY_ID", keys.accessKeyId());
                    process.environment()
                            .put("AWS_SECRET_ACCESS_KEY", keys.secretAccessKey().reveal());
                });
        return process.start();
    }

    static ObjectStore open(Path store) {
        return ObjectStore.open(StoreSettings.of(new StoreLocation.Directory(store)));
    }

    public static void main(String[] arguments) throws InterruptedException {
        PushSettings settings =
                PushSettings.of(
                        LAYOUT,
                        FakeWal.SIZE,
                        "node1/" + ProcessHandle.current().pid(),
                        Path.of(arguments[1]),
                        Path.of(arguments[2]));
        WriterEpoch epoch = new WriterEpoch(1);
        try (WalArchiver archiver =
                new WalArchiver(
                        settings,
                        ObjectStore.open(StoreSettings.of(StoreLocation.parse(arguments[0]))),
                        () -> Optional.of(epoch))) {
            archiver.start();
            new CountDownLatch(1).await();
        }
    }
}
