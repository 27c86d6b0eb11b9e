package io.matriarch.postgres.host;

import io.matriarch.postgres.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The clock of leases. Pure code is told a {@link BootTime}; whoever drives it asks here. */
@FunctionalInterface
public interface BootClock {

    BootTime now();

    /** The kernel's boot clock, which every container of this host shares. */
    static BootClock ofThisHost() {
        Path uptime = Path.of("/proc/uptime");
        return () -> {
            try {
                String text = new String(Files.readAllBytes(uptime), StandardCharsets.US_ASCII);
                return BootTime.parseSeconds(text.substring(0, text.indexOf(' ')));
            } catch (IOException e) {
                throw new UncheckedIOException("the boot clock cannot be read", e);
            }
        };
    }

    /** The identity of this boot of the kernel. */
    static String bootIdOfThisHost() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the boot id cannot be read", e);
        }
    }
}
