package io.matriarch.postgres.datadir;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file of a table or index: {@code 16384}, {@code 16384_fsm}, {@code 16384.1}
 * (PostgreSQL manual, "Database File Layout").
 *
 * @param fork the fork's name; {@code main} has no suffix
 * @param segment counts files of 1 GB, from 0
 */
public record RelationFile(long node, String fork, int segment) {

    /** Blocks per segment with PostgreSQL's default of 1 GB. */
    private static final int BLOCKS_PER_SEGMENT = 131_072;

    private static final Pattern NAME =
            Pattern.compile("([0-9]{1,10})(?:_(fsm|vm|init))?(?:\\.([0-9]{1,6}))?");

    private static final Pattern TEMPORARY =
            Pattern.compile("t[0-9]+_[0-9]+(?:_(?:fsm|vm|init))?(?:\\.[0-9]+)?");

    /** Empty if this is not the name of a permanent relation's file. */
    public static Optional<RelationFile> parse(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String fork = matcher.group(2);
        String segment = matcher.group(3);
        return Optional.of(
                new RelationFile(
                        Long.parseLong(matcher.group(1)),
                        fork == null ? "main" : fork,
                        segment == null ? 0 : Integer.parseInt(segment)));
    }

    /** Whether this is the name of a temporary table's file, which dies with its session. */
    public static boolean isTemporary(String name) {
        return TEMPORARY.matcher(name).matches();
    }

    /** An {@code init} fork beside it marks a relation as unlogged. */
    public boolean isInitFork() {
        return fork.equals("init");
    }

    /** The number, within the relation, of the first block of this file. */
    public long firstBlock() {
        return (long) segment * BLOCKS_PER_SEGMENT;
    }
}
