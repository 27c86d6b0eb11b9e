package io.matriarch.archiver.s3;

import io.matriarch.archiver.postgresql.SidecarMemory;
import io.matriarch.archiver.store.Body;
import io.matriarch.archiver.store.Metadata;
import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.StoreException;
import io.matriarch.archiver.store.StoreLocation;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two uploads at a time, in a process that has a sidecar's memory. */
final class LargePartsProcess {

    private static final int STEP = 64 << 10;

    private LargePartsProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (SidecarMemory _ = SidecarMemory.occupied();
                ObjectStore store =
                        ObjectStore.open(S3Double.settings(StoreLocation.parse(arguments[0])));
                ExecutorService uploads = Executors.newFixedThreadPool(2)) {
            int megabytes = Integer.parseInt(arguments[1]);
            List<Future<String>> both =
                    List.of(
                            uploads.submit(() -> put(store, "one", megabytes)),
                            uploads.submit(() -> put(store, "two", megabytes)));
            for (Future<String> each : both) {
                System.out.println(each.get());
            }
        }
    }

    private static String put(ObjectStore store, String key, int megabytes) {
        try {
            return store.putIfAbsent(key, new Noise(megabytes), Metadata.NONE).toString();
        } catch (StoreException e) {
            return e.getMessage() + "; " + e.hint();
        }
    }

    /** Of which the length is not known before, as with what is compressed on the way. */
    private record Noise(int megabytes) implements Body {

        @Override
        public long length() {
            return -1;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            byte[] step = new byte[STEP];
            new Random(1).nextBytes(step);
            for (long left = (long) megabytes << 20; left > 0; left -= STEP) {
                out.write(step);
            }
        }
    }
}
