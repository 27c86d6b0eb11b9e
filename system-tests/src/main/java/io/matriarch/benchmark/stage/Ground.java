package io.matriarch.benchmark.stage;

/**
 * What all contests have in common.
 *
 * @param shell that gives whoever it runs access to the store
 * @param load the same for everybody
 */
public record Ground(
        Folders folders,
        Shell shell,
        Program program,
        Server server,
        Store store,
        Resident.Load load,
        int rounds) {

    public Contest contest(String title) {
        return new Contest(title + ", " + store.title(), store::processorSeconds);
    }
}
