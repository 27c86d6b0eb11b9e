package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.drill.DrillMoment;
import java.nio.file.Path;

/**
 * The section {@code drill:}: whether and when this sidecar restores the newest backup to try it.
 */
final class DrillSection {

    private DrillSection() {}

    static DrillSettings settings(Section root, Path file) {
        Section section = root.section("drill");
        return new DrillSettings(
                section.optional(
                        "schedule",
                        Schedule.parse("never"),
                        "daily at HH:MM (UTC), or never",
                        Schedule::parse),
                file.toAbsolutePath(),
                section.optional(
                        "scratch-directory", Path.of("/var/tmp"), "an absolute path", Path::of),
                section.text("programs").map(Path::of),
                section.text("owner"),
                root.section("postgres").text("superuser").orElse("postgres"),
                section.optional("moment", "random", DrillMoment.TEXTS, DrillSection::moment),
                section.text("query"),
                section.text("database").orElse("postgres"),
                section.section("settings").all());
    }

    /** The text itself, if it is one. */
    private static String moment(String text) {
        return DrillMoment.parse(text, 0).drawnBy().isPresent() ? "random" : text;
    }
}
