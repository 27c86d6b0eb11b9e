package io.matriarch.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of cells under headings, in columns as wide as they need to be. */
public final class Table {

    private static final String GAP = "  ";

    /** One field. */
    public record Cell(String text, Tone tone) {

        public static Cell of(String text) {
            return new Cell(text, Tone.PLAIN);
        }
    }

    /**
     * One column.
     *
     * @param isNumber numbers stand at the right
     */
    private record Column(String heading, boolean isNumber) {}

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    private Table(List<Column> columns) {
        this.columns = columns;
    }

    /** A table with these headings; one that begins with {@code >} is of numbers. */
    public static Table of(String... headings) {
        return new Table(
                Arrays.stream(headings)
                        .map(heading ->
                                heading.startsWith(">")
                                        ? new Column(heading.substring(1), true)
                                        : new Column(heading, false))
                        .toList());
    }

    public Table add(Cell... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    "cells: " + cells.length + " (expected: " + columns.size() + ")");
        }
        rows.add(List.of(cells));
        return this;
    }

    public Table add(String... texts) {
        return add(Arrays.stream(texts).map(Cell::of).toArray(Cell[]::new));
    }

    /** The lines, headings first. */
    public List<String> lines(Terminal terminal) {
        List<Cell> headings =
                columns.stream().map(column -> new Cell(column.heading(), Tone.FAINT)).toList();
        List<String> lines = new ArrayList<>();
        lines.add(line(headings, terminal));
        rows.forEach(row -> lines.add(line(row, terminal)));
        return lines;
    }

    public void print(Terminal terminal) {
        lines(terminal).forEach(terminal.out()::println);
        terminal.out().flush();
    }

    private String line(List<Cell> row, Terminal terminal) {
        StringBuilder line = new StringBuilder();
        StringBuilder blanks = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            Cell cell = row.get(i);
            String fill = " ".repeat(width(i) - cell.text().length());
            if (columns.get(i).isNumber()) {
                blanks.append(fill);
                fill = "";
            }
            // Blanks are written only when something follows them, so that no line ends in blanks.
            if (!cell.text().isEmpty()) {
                line.append(blanks).append(terminal.paint(cell.tone(), cell.text()));
                blanks.setLength(0);
            }
            blanks.append(fill).append(GAP);
        }
        return line.toString();
    }

    private int width(int column) {
        return rows.stream()
                .mapToInt(row -> row.get(column).text().length())
                .reduce(columns.get(column).heading().length(), Math::max);
    }
}
