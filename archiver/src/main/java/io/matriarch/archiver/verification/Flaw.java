package io.matriarch.archiver.verification;

import io.matriarch.archiver.planning.Damage;
import java.time.Instant;

/**
 * A numbered object that was found damaged. It is looked at again in every run, until it is whole
 * or gone.
 *
 * @param folder relative to the cluster's part of the repository
 * @param found when it was last found so
 */
public record Flaw(String folder, long number, Damage damage, Instant found) {

    Numbered object() {
        return new Numbered(folder, number);
    }
}
