package io.matriarch.failover;

import java.sql.SQLException;

/** Brings a fault about. */
@FunctionalInterface
interface Strike {

    /** Returns what ends it. */
    Cure on(Scene scene) throws InterruptedException, SQLException;

    /** Ends a fault; nothing for those that end by themselves. */
    @FunctionalInterface
    interface Cure {

        Cure NONE = () -> {};

        void apply() throws InterruptedException;
    }
}
