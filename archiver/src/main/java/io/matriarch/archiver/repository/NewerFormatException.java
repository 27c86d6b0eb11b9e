package io.matriarch.archiver.repository;

/** An object was written by a newer version, and is not damaged for that. */
public final class NewerFormatException extends RepositoryException {

    private static final long serialVersionUID = 1L;

    NewerFormatException(String name, int found, int newest) {
        super(
                name,
                "format " + found + " (expected: at most " + newest + ")",
                "it was written by a newer version; use that one",
                null);
    }
}
