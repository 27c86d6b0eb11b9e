package io.matriarch.demo;

import io.matriarch.outside.OutsideException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells the story as it happens, and keeps the figures for the table at its end. */
final class Account {

    private final PrintWriter out;
    private final List<Figure> figures = new ArrayList<>();
    private String chapter = "";
    private int chapters;

    Account(PrintWriter out) {
        this.out = out;
    }

    private record Figure(String chapter, String what, String value, boolean held) {}

    /**
     * @param name for the table
     */
    void chapter(String name, String sentence) {
        chapter = name;
        chapters++;
        out.printf("%n%d. %s%n", chapters, sentence);
        out.flush();
    }

    void say(String sentence) {
        out.println("   " + sentence);
        out.flush();
    }

    /** The last words. */
    void conclude(String sentence) {
        out.println();
        out.println(sentence);
        out.flush();
    }

    /**
     * A claim, and what was measured for it.
     *
     * @throws OutsideException if it does not hold, for the rest of the story stands on it
     */
    void claim(String what, String value, boolean holds) {
        figures.add(new Figure(chapter, what, value, holds));
        say((holds ? "[held]     " : "[NOT HELD] ") + what + ": " + value);
        if (!holds) {
            throw new OutsideException("it does not hold: " + what + ": " + value);
        }
    }

    void printTable() {
        int first = width(figures.stream().map(Figure::chapter).toList(), "step");
        int second = width(figures.stream().map(Figure::what).toList(), "figure");
        int third = width(figures.stream().map(Figure::value).toList(), "measured");
        String format = "%-" + first + "s  %-" + second + "s  %-" + third + "s  %s%n";
        out.println();
        out.printf(format, "step", "figure", "measured", "held");
        out.printf(format, "-".repeat(first), "-".repeat(second), "-".repeat(third), "-".repeat(4));
        String last = "";
        for (Figure figure : figures) {
            out.printf(
                    format,
                    figure.chapter().equals(last) ? "" : figure.chapter(),
                    figure.what(),
                    figure.value(),
                    figure.held() ? "yes" : "NO");
            last = figure.chapter();
        }
        out.flush();
    }

    private static int width(List<String> cells, String head) {
        return cells.stream().mapToInt(String::length).reduce(head.length(), Math::max);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
