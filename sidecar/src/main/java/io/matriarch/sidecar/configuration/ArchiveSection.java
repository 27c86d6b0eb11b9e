package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.push.ArchiveAlarm;

/** When somebody is told that WAL piles up, as the section {@code archive} says. */
final class ArchiveSection {

    private ArchiveSection() {}

    static ArchiveAlarm alarm(Section root) {
        Section archive = root.section("archive");
        ArchiveAlarm otherwise = ArchiveAlarm.DEFAULT;
        try {
            return new ArchiveAlarm(
                    archive.duration("alarm-age", otherwise.age()),
                    archive.number("alarm-free-percent", otherwise.freePercent()),
                    archive.optional(
                            "alarm-behind",
                            otherwise.behindBytes(),
                            PaceLimits.SIZES,
                            PaceLimits::size));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
