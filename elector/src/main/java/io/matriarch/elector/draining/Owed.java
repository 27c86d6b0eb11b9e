package io.matriarch.elector.draining;

/** What a session still owes its client. */
public enum Owed {
    /** It is between two transactions, and has read all that has reached its host. */
    NOTHING('n'),
    /** A statement or a transaction is under way, or may be. */
    SOMETHING('s'),
    /** It sends WAL: it has no end of its own, and its client must go on confirming. */
    STREAMS('w');

    private final char letter;

    Owed(char letter) {
        this.letter = letter;
    }

    char letter() {
        return letter;
    }

    static Owed of(char letter) {
        for (Owed owed : values()) {
            if (owed.letter == letter) {
                return owed;
            }
        }
        throw new IllegalArgumentException("owed: " + letter + " (expected: n, s or w)");
    }
}
