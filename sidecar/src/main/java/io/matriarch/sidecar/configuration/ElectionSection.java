package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.elector.situation.Ballot.Concession;

/** How far elections prefer a member of a higher priority, as the section {@code election} says. */
final class ElectionSection {

    private static final String NOBODY = "0";

    private ElectionSection() {}

    static Concession concession(Section root) {
        Section election = root.section("election");
        Concession otherwise = Concession.DEFAULT;
        try {
            return new Concession(
                    election.optional(
                            "give-way",
                            otherwise.bytes(),
                            PaceLimits.SIZES + ", or 0",
                            text -> text.equals(NOBODY) ? 0L : PaceLimits.size(text)),
                    election.duration("give-way-patience", otherwise.patience()).toMillis());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
