package io.matriarch.archiver.foreign;

import io.matriarch.archiver.fetch.WalObjects;
import io.matriarch.archiver.repository.WalName;
import java.util.Optional;

/**
 * The log before and after a cluster went over to a repository of our own. What lies in both is
 * taken from our own, where its digest is known. A file is absent only if both say so.
 */
record BothLogs(WalObjects own, WalObjects foreign) implements WalObjects {

    @Override
    public Optional<Stored> open(WalName name) {
        return own.open(name).or(() -> foreign.open(name));
    }

    @Override
    public String key(WalName name) {
        return own.key(name) + " or " + foreign.key(name);
    }

    @Override
    public boolean isListed(WalName name) {
        return own.isListed(name) || foreign.isListed(name);
    }
}
