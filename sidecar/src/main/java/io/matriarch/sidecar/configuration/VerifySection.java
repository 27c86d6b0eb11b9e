package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.archiver.verification.Sample;
import io.matriarch.archiver.verification.VerificationOptions;
import io.matriarch.sidecar.configuration.SidecarConfiguration.VerifySettings;

/** The section {@code verify:}: when the primary's sidecar reads the archive back, and how much. */
final class VerifySection {

    /** So little that nobody notices, and some terabytes a year. */
    private static final String SAMPLE = "2GB";

    private static final String THROTTLE = "20MB/s";

    /** Beside a server at work one object at a time is enough. */
    private static final int PARALLEL = 1;

    private VerifySection() {}

    static VerifySettings settings(Section root) {
        Section section = root.section("verify");
        return new VerifySettings(
                section.optional(
                        "schedule",
                        Schedule.parse("daily at 04:00"),
                        "daily at HH:MM (UTC), or never",
                        Schedule::parse),
                new VerificationOptions(
                        section.optional(
                                "sample", Sample.parse(SAMPLE), Sample.TEXTS, Sample::parse),
                        PARALLEL,
                        section.optional(
                                "throttle",
                                PaceLimits.NONE.withThrottle(THROTTLE),
                                PaceLimits.RATES,
                                PaceLimits.NONE::withThrottle)));
    }
}
