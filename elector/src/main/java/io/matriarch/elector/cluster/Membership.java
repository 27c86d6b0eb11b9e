package io.matriarch.elector.cluster;

import io.matriarch.elector.cluster.Nodes.Life;
import io.matriarch.elector.cluster.Nodes.Write;
import io.matriarch.elector.situation.Ballot;
import io.matriarch.elector.situation.ClusterState;
import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.MemberStatus;
import io.matriarch.elector.situation.Renewal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * What a member writes: its presence, its ballot, and, with the latch held, the cluster's state.
 *
 * <p><b>Authority comes only from a transaction</b> that checks the own latch node and the version
 * of the state. What Curator's latch believes is a hint that it is worth trying.
 */
public final class Membership implements AutoCloseable {

    private static final int HISTORY_KEPT = 100;
    private static final long NEVER = -1;
    private static final String STATE = ClusterView.STATE;
    private static final String LATCH = "latch";
    private static final String RENEWAL = ClusterView.RENEWAL;
    private static final String HISTORY = "history";
    private static final String BALLOTS = "ballots";

    private final Nodes nodes;
    private final MemberName self;
    private volatile long presentIn = NEVER;

    public Membership(Nodes nodes, MemberName self) {
        this.nodes = nodes;
        this.self = self;
    }

    /** How a guarded write ended. */
    public enum Written {
        YES,
        /** It was not acknowledged, and a server shows exactly this. */
        READ_BACK,
        /** Somebody else was faster, or the latch is lost: look again. */
        NO;

        public boolean isDone() {
            return this != NO;
        }
    }

    /** The state as a server showed it, and its version. */
    public record KnownState(ClusterState state, int version) {}

    /**
     * Shows this member to the others, for as long as its session lives, and so claims its name.
     *
     * @return whether the name is its own; it is not while a live session of another has it
     */
    public boolean publish(MemberStatus status) {
        String path = ClusterView.MEMBERS + "/" + self;
        String text = ClusterJson.text(status);
        return ClusterConnection.writing(
                path,
                () -> {
                    long session = nodes.session();
                    if (hasBeenPresent() && nodes.isOfThisSession(path)) {
                        nodes.set(path, text);
                    } else if (!replacePresence(path, text, status)) {
                        return false;
                    }
                    presentIn = session;
                    return true;
                });
    }

    /** Whether the name was claimed in the present session. Asks no server. */
    public boolean isPresent() {
        return presentIn == session();
    }

    /** Whether the name was claimed at all, in this life. */
    public boolean hasBeenPresent() {
        return presentIn != NEVER;
    }

    /** A node left by an earlier life of this member is replaced; another member's is not. */
    private boolean replacePresence(String path, String text, MemberStatus own) throws Exception {
        Optional<String> present = nodes.read(path);
        if (present.isPresent() && !nodes.isOfThisSession(path)) {
            boolean isEarlierLife =
                    ClusterJson.read(present.get(), MemberStatus.class)
                            .filter(own::isSameMember)
                            .isPresent();
            if (!isEarlierLife) {
                return false;
            }
            nodes.delete(path);
        }
        try {
            nodes.create(path, text, Life.OF_SESSION);
        } catch (KeeperException.NodeExistsException e) {
            // Of this session only if its making was not answered at first; of two that start at
            // once, one comes here.
            if (!nodes.isOfThisSession(path)) {
                return false;
            }
            nodes.set(path, text);
        }
        return true;
    }

    /** Writes this member's ballot, for as long as its session lives, in place of earlier ones. */
    public void vote(Ballot ballot) {
        String path = path(ballot);
        ClusterConnection.writing(
                path,
                () -> {
                    deleteOwnBallots(ballot.epoch().toString(), null);
                    nodes.create(path, ClusterJson.text(ballot), Life.OF_SESSION);
                    return true;
                });
    }

    /**
     * Writes a greater ballot of this member beside its earlier ones, and takes those back only
     * then: nobody is to believe for a moment that it has not voted.
     */
    public void voteAgain(Ballot ballot) {
        String path = path(ballot);
        ClusterConnection.writing(
                path,
                () -> {
                    String text = ClusterJson.text(ballot);
                    if (nodes.isOfThisSession(path)) {
                        nodes.set(path, text);
                    } else {
                        nodes.delete(path);
                        nodes.create(path, text, Life.OF_SESSION);
                    }
                    deleteOwnBallots(ballot.epoch().toString(), path);
                    return true;
                });
    }

    /** Named by its position, too, so that another ballot is another node. */
    private static String path(Ballot ballot) {
        return "%s/%s/%s@%016X"
                .formatted(BALLOTS, ballot.epoch(), ballot.member(), ballot.received().value());
    }

    private void deleteOwnBallots(String epoch, @Nullable String kept) throws Exception {
        String folder = BALLOTS + "/" + epoch;
        for (String name : nodes.children(folder)) {
            String path = folder + "/" + name;
            if (name.startsWith(self + "@") && !path.equals(kept)) {
                nodes.delete(path);
            }
        }
    }

    /** Takes back this member's ballots for epochs after {@code present}. */
    public void withdrawBallots(Epoch present) {
        ClusterConnection.writing(
                BALLOTS,
                () -> {
                    // One may be there that this member never heard of, and its server not yet: a
                    // read that follows a write shows all that was there before it.
                    prepareRenewal();
                    for (String epoch : nodes.children(BALLOTS)) {
                        if (Epoch.parse(epoch).isAfter(present)) {
                            deleteOwnBallots(epoch, null);
                        }
                    }
                    return true;
                });
    }

    /**
     * Joins the latch, and waits for its turn.
     *
     * @return whether this member is first now
     */
    public boolean joinLatch(Duration patience) throws InterruptedException {
        try {
            boolean isFirst = nodes.latch().join(patience);
            if (!isFirst) {
                removeStrays();
            }
            return isFirst;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // Curator declares no less
            throw new ClusterException("the latch could not be joined", e);
        }
    }

    /**
     * A node of the queue whose making was never answered belongs to nobody, and lasts as long as
     * this session: it would be in front of everybody for ever.
     */
    private void removeStrays() throws Exception {
        Optional<String> own = latchPath();
        for (String name : nodes.children(LATCH)) {
            String path = LATCH + "/" + name;
            if (own.isPresent() && !path.equals(own.get()) && nodes.isOfThisSession(path)) {
                nodes.delete(path);
            }
        }
    }

    public void leaveLatch() {
        nodes.latch().leave();
    }

    /**
     * Joins the latch with a new session, for the authority that this very process still holds; the
     * nodes of its former sessions are in nobody's way any more.
     *
     * @return whether this member is first now
     */
    public boolean rejoinLatch(Duration patience) throws InterruptedException {
        boolean isFirst = joinLatch(patience);
        if (isFirst) {
            return true;
        }
        Optional<String> own = latchPath();
        return ClusterConnection.writing(
                LATCH,
                () -> {
                    for (String name : nodes.children(LATCH)) {
                        String path = LATCH + "/" + name;
                        if (own.isPresent() && !path.equals(own.get()) && isOwn(path)) {
                            nodes.delete(path);
                        }
                    }
                    return false;
                });
    }

    private boolean isOwn(String latchPath) throws Exception {
        return nodes.read(latchPath).filter(self.value()::equals).isPresent();
    }

    /**
     * Leaves the latch, and proves it: no node bears this member's name any more, so nothing that
     * it, or an earlier life of it, has sent to take the authority can take effect from now on. The
     * state is read after that.
     *
     * @return absent while it is not proven
     */
    public Optional<Optional<KnownState>> proveOutOfLatch() {
        Optional<String> own = latchPath();
        leaveLatch();
        return ClusterConnection.writing(
                LATCH,
                () -> {
                    if (own.isPresent()) {
                        nodes.delete(own.get());
                    }
                    // A read that follows a write shows all that was there before it.
                    prepareRenewal();
                    for (String name : nodes.children(LATCH)) {
                        if (isOwn(LATCH + "/" + name)) {
                            return Optional.<Optional<KnownState>>empty();
                        }
                    }
                    return Optional.of(readState());
                });
    }

    /**
     * The state as ZooKeeper has it now; empty if there is none.
     *
     * @throws ClusterException if there is one that cannot be read, among other troubles
     */
    public Optional<KnownState> readState() {
        return ClusterConnection.writing(
                STATE, () -> nodes.readWithVersion(STATE).map(Membership::known));
    }

    private static KnownState known(Nodes.Content found) {
        return ClusterJson.read(found.text(), ClusterState.class)
                .map(state -> new KnownState(state, found.version()))
                .orElseThrow(
                        () -> new IllegalStateException("the cluster's record cannot be read"));
    }

    /** The present session. */
    public long session() {
        return ClusterConnection.writing(LATCH, nodes::session);
    }

    /** The present session, if the latch node is its own. */
    public OptionalLong sessionOf(String latchPath) {
        return ClusterConnection.writing(
                latchPath,
                () -> {
                    long session = nodes.session();
                    return nodes.isOfThisSession(latchPath)
                            ? OptionalLong.of(session)
                            : OptionalLong.empty();
                });
    }

    /**
     * The path of the own latch node, which every guarded write checks. A new session has a new
     * node, so the path also stands for the session.
     */
    public Optional<String> latchPath() {
        return nodes.latch().path();
    }

    /**
     * Creates the state of a cluster that has none, or replaces {@code version} of it, while the
     * own latch node exists. An unknown outcome is read back, never repeated.
     */
    public Written write(String latchPath, ClusterState state, int version) {
        String text = ClusterJson.text(state);
        return guarded(guardedWrite(latchPath, text, version), text);
    }

    /**
     * Creates or replaces the state while the own latch node and all these ballots exist, and tells
     * with it from where the reign goes on; see {@link #prepareRenewal}.
     */
    public Written take(
            String latchPath,
            ClusterState state,
            int version,
            List<Ballot> votes,
            Renewal renewal) {
        String text = ClusterJson.text(state);
        List<Write> writes = new ArrayList<>();
        writes.add(new Write.Replace(RENEWAL, ClusterJson.text(renewal), -1));
        writes.addAll(guardedWrite(latchPath, text, version));
        votes.forEach(vote -> writes.add(new Write.Check(path(vote))));
        return guarded(writes, text);
    }

    private static List<Write> guardedWrite(String latchPath, String text, int version) {
        return List.of(
                new Write.Check(latchPath),
                version < 0
                        ? new Write.Create(STATE, text)
                        : new Write.Replace(STATE, text, version));
    }

    /** Gives up the authority: the state says so and the latch node is gone, both or neither. */
    public Written release(String latchPath, ClusterState vacated, int version) {
        String text = ClusterJson.text(vacated);
        Written written =
                guarded(
                        List.of(
                                new Write.Delete(latchPath),
                                new Write.Replace(STATE, text, version)),
                        text);
        leaveLatch();
        return written;
    }

    /** The latch node that an earlier life of this member left behind, if it is first in line. */
    public Optional<String> formerLatchPath() {
        return ClusterConnection.writing(
                LATCH,
                () -> {
                    List<String> queue = new ArrayList<>(nodes.children(LATCH));
                    queue.sort(
                            Comparator.comparing(
                                    node -> node.substring(node.lastIndexOf('-') + 1)));
                    if (queue.isEmpty()) {
                        return Optional.<String>empty();
                    }
                    String first = LATCH + "/" + queue.getFirst();
                    return nodes.read(first).filter(self.value()::equals).map(owner -> first);
                });
    }

    /**
     * Renews the authority, and tells where the log ends: a quorum write that succeeds only while
     * the own latch node exists.
     *
     * @return whether the authority is still held
     * @throws ClusterException if the outcome is unknown
     */
    public boolean renew(String latchPath, Renewal renewal) {
        String text = ClusterJson.text(renewal);
        return ClusterConnection.writing(
                RENEWAL,
                () -> {
                    try {
                        nodes.commit(
                                List.of(
                                        new Write.Check(latchPath),
                                        new Write.Replace(RENEWAL, text, -1)));
                        return true;
                    } catch (KeeperException.NoNodeException e) {
                        return false;
                    }
                });
    }

    /** Only lets the servers know that this session lives. */
    public void touch() {
        ClusterConnection.writing(RENEWAL, () -> nodes.read(RENEWAL));
    }

    /** Creates what {@link #take} and {@link #renew} write to; harmless if it is there. */
    public void prepareRenewal() {
        ClusterConnection.writing(
                RENEWAL,
                () -> {
                    try {
                        nodes.create(RENEWAL, "", Life.FOR_EVER);
                        return true;
                    } catch (KeeperException.NodeExistsException e) {
                        return false;
                    }
                });
    }

    /** Adds a change of primary to the history, and forgets the oldest beyond a hundred. */
    public void record(Change change) {
        String path = String.format(Locale.ROOT, "%s/%010d", HISTORY, change.epoch().value());
        ClusterConnection.writing(
                path,
                () -> {
                    try {
                        nodes.create(path, ClusterJson.text(change), Life.FOR_EVER);
                    } catch (KeeperException.NodeExistsException e) {
                        return false;
                    }
                    List<String> kept = new ArrayList<>(nodes.children(HISTORY));
                    kept.sort(null);
                    for (String old : kept.subList(0, Math.max(0, kept.size() - HISTORY_KEPT))) {
                        nodes.delete(HISTORY + "/" + old);
                    }
                    return true;
                });
    }

    /** Removes the ballots of elections that are over. */
    public void clearBallots(Epoch upTo) {
        ClusterConnection.writing(
                BALLOTS,
                () -> {
                    for (String epoch : nodes.children(BALLOTS)) {
                        if (!Epoch.parse(epoch).isAfter(upTo)) {
                            nodes.deleteTree(BALLOTS + "/" + epoch);
                        }
                    }
                    return true;
                });
    }

    private Written guarded(List<Write> writes, String ours) {
        return ClusterConnection.writing(
                STATE,
                () -> {
                    try {
                        nodes.commit(writes);
                        return Written.YES;
                    } catch (KeeperException.NoNodeException
                            | KeeperException.BadVersionException
                            | KeeperException.NodeExistsException
                            | KeeperException.ConnectionLossException e) {
                        return readBack(ours);
                    }
                });
    }

    /** An answer may have been lost, and the refusal may be that of our own second try. */
    private Written readBack(String ours) throws Exception {
        boolean isOurs = nodes.read(STATE).map(ours::equals).orElse(false);
        return isOurs ? Written.READ_BACK : Written.NO;
    }

    @Override
    public void close() {
        leaveLatch();
    }
}
