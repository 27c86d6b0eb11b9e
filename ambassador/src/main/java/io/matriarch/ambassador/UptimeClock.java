package io.matriarch.ambassador;

import io.matriarch.ambassador.view.BootClock;
import io.matriarch.ambassador.view.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The first field of {@code /proc/uptime}: the clock that leases are written in, to a hundredth of
 * a second.
 */
public final class UptimeClock implements BootClock {

    private static final Path UPTIME = Path.of("/proc/uptime");

    @Override
    public BootTime now() {
        try {
            String text = Files.readString(UPTIME, StandardCharsets.US_ASCII);
            BigDecimal seconds = new BigDecimal(text.substring(0, text.indexOf(' ')));
            return new BootTime(seconds.movePointRight(9).longValueExact());
        } catch (IOException e) {
            throw new UncheckedIOException("boot clock: " + UPTIME + " cannot be read", e);
        }
    }
}
