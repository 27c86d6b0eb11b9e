package io.matriarch.elector.simulation;

/**
 * Something happened that must never happen. No exception of the ordinary kind, for what is tried
 * here catches those, and goes on.
 */
final class Violation extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    Violation(String invariant, String what) {
        super(invariant + ": " + what);
        this.invariant = invariant;
    }

    String invariant() {
        return invariant;
    }
}
