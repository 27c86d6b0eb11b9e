package io.matriarch.benchmark;

/**
 * What all contests have in common.
 *
 * @param load the same for everybody
 */
record Ground(
        Folders folders,
        Shell shell,
        Program program,
        Server server,
        Resident.Load load,
        int rounds) {}
