package io.matriarch.failover.side;

import io.matriarch.outside.Database;
import io.matriarch.workload.RecordingWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** Whose primary is lost: a running cluster of three members, and one way in for its clients. */
public interface Side {

    /** Whether a commit waits for a standby. */
    boolean isSynchronous();

    /** Whether writes go through, all members do their duty, and commits are kept as promised. */
    boolean isWhole();

    List<Member> members();

    /** Whom clients reach. */
    Member primary() throws SQLException;

    /** A table behind the way in. */
    RecordingWriter.Target target(String table);

    /** The same table past the way in. */
    RecordingWriter.Target targetAt(Member member, String table);

    /** The superuser behind the way in. */
    Database superuser();

    MemberProcesses processes(Member member);

    /** From now on nothing that dies is started again, as on a host that is gone. */
    void suspendKeeping() throws InterruptedException;

    /** What died is started again. */
    void resumeKeeping() throws InterruptedException;

    /** Returns when it is done, or with an exception. */
    void switchOver(Member from, Member to) throws InterruptedException;

    /** Whether the primary goes on without ZooKeeper while all members vouch for it. */
    void setFailsafe(boolean isOn) throws InterruptedException;

    Ensemble zooKeeper();

    /** The ways of a member's sidecar to ZooKeeper. */
    List<Relay> waysToZooKeeper(Member member);

    /** The program that a member's archive_command runs. */
    Path archiveProgram(Member member);

    /** Nothing of it runs any longer when this returns. */
    void end() throws InterruptedException;
}
