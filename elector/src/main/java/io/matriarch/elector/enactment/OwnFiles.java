package io.matriarch.elector.enactment;

import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.SynchronousSet;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.datadir.ControlFile;
import io.matriarch.postgres.datadir.DivergentWal;
import io.matriarch.postgres.datadir.TimelineHistory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The own data directory: what it shows, how it is configured, and which programs change it. */
public interface OwnFiles {

    /**
     * The changing part of the configuration.
     *
     * @param following whom to stream from; absent for a primary, and for a standby in an election
     * @param usesArchive whether missing WAL is fetched from the archive
     * @param synchronous what is enforced once it is a primary
     */
    record Role(@Nullable Endpoint following, boolean usesArchive, SynchronousSet synchronous) {

        private static final Pattern HOST = Pattern.compile("\\bhost=(\\S+)");
        private static final Pattern PORT = Pattern.compile("\\bport=([0-9]+)");

        /** Nobody to follow, and nothing to wait for: the end of recovery is near. */
        static Role standing(SynchronousSet synchronous) {
            return new Role(null, false, synchronous);
        }

        static Role reigning(@Nullable SynchronousSet enforced) {
            return new Role(null, true, enforced == null ? SynchronousSet.NONE : enforced);
        }

        static Role following(@Nullable Endpoint primary, SynchronousSet expected) {
            return new Role(primary, true, expected);
        }

        /**
         * The primary to follow, or another standby, and nothing else: PostgreSQL asks the archive
         * first, for each file that it looks for, and starts a process each time. And what the
         * archive has may be a primary's, which another standby's log must not be mixed with.
         */
        static Role streaming(Endpoint source, SynchronousSet expected) {
            return new Role(source, false, expected);
        }

        /** Whom a {@code primary_conninfo} streams from; absent if it names nobody. */
        static @Nullable Endpoint followed(String primaryConnInfo) {
            Matcher host = HOST.matcher(primaryConnInfo);
            Matcher port = PORT.matcher(primaryConnInfo);
            return host.find() && port.find()
                    ? new Endpoint(host.group(1), Integer.parseInt(port.group(1)))
                    : null;
        }
    }

    Path path();

    /** Absent or without any entry. */
    boolean isEmpty();

    /** Empty if this is not, or not yet, a data directory. */
    Optional<ControlFile> controlFile();

    /** The history of a timeline, if it is known here. */
    Optional<TimelineHistory> history(TimelineId timeline);

    /**
     * What the own log has beyond another history; empty if neither has left the other. No server
     * may run here.
     *
     * @param told the last timeline that is surely the same here and there
     */
    Optional<DivergentWal> divergence(TimelineHistory other, TimelineId told);

    /** Why a rewind is certain to fail, in words. */
    Optional<String> obstacleToRewind();

    /** Writes the configuration of this role; it counts after a reload, or the next start. */
    void configure(Role role);

    /** Makes a fresh data directory read our configuration, and let in whom the cluster needs. */
    void adopt();

    /** The program, and its arguments, that makes a new cluster. */
    List<String> initdb();

    /** The program, and its arguments, that undoes what the source does not have. */
    List<String> rewind(Endpoint source);

    /** The program, and its arguments, that copies the source. */
    List<String> copy(Endpoint source);
}
