package io.matriarch.sidecar.configuration;

import io.matriarch.archiver.pace.PaceLimits;
import io.matriarch.elector.situation.Ballot.Concession;
import io.matriarch.elector.situation.Settings;

/** Whom elections prefer, and what they may lose, as the section {@code election} says. */
final class ElectionSection {

    private static final String NOTHING = "0";
    private static final String ANYTHING = "unlimited";

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
                            text -> text.equals(NOTHING) ? 0L : PaceLimits.size(text)),
                    election.duration("give-way-patience", otherwise.patience()).toMillis());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** In bytes. */
    static long mostLoss(Section root) {
        return root.section("election")
                .optional(
                        "most-loss",
                        Settings.MOST_LOSS,
                        PaceLimits.SIZES + ", 0 or unlimited",
                        text ->
                                switch (text) {
                                    case NOTHING -> 0L;
                                    case ANYTHING -> Long.MAX_VALUE;
                                    default -> PaceLimits.size(text);
                                });
    }
}
