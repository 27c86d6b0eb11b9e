package io.matriarch.elector.decision;

import java.time.Duration;

/**
 * Why a decision was made: a stable code for logs, metrics and tests, and a sentence for people.
 *
 * @param detail the sentence, with the values that it rests on
 */
public record Reason(Code code, String detail) {

    /** Every reason there is. */
    public enum Code {
        // Nothing to do.
        PRIMARY_IS_WELL,
        STANDBY_IS_WELL,
        WAITING_FOR_POSTGRES,
        WAITING_FOR_VIEW,
        WAITING_FOR_PRIMARY,
        WAITING_FOR_VOTES,
        WAITING_FOR_TURN,
        GIVING_WAY,
        WAITING_FOR_BOOTSTRAP,
        WAITING_FOR_EXPIRY,
        WAITING_FOR_OTHERS_TO_STAND,
        WAITING_FOR_LAST_PRIMARY,
        WAITING_FOR_SYNCHRONOUS_STANDBYS,
        PAUSED,
        VOUCHING_FOR_PRIMARY,
        JUST_STARTED,
        // Something is wrong and a person may have to act.
        CLUSTER_UNKNOWN,
        SUPERVISOR_SILENT,
        POSTGRES_SILENT,
        NOT_LOOKING,
        DATA_DIRECTORY_UNUSABLE,
        DATA_OF_ANOTHER_CLUSTER,
        NAME_IS_TAKEN,
        STATE_IS_MISSING,
        STATE_IS_UNREADABLE,
        BOOTSTRAP_NOT_ALLOWED,
        NOT_ON_LINEAGE,
        NO_DATA_TO_ELECT,
        NOT_IN_ELECTORATE,
        HAS_FORGOTTEN,
        LACKS_TOO_MUCH,
        // Changes.
        NO_CLUSTER_YET,
        BOOTSTRAP_RESUMED,
        PLACE_IS_VACANT,
        HEALTHIEST,
        SUCCEEDS_AS_PLANNED,
        CATCHING_UP,
        CAUGHT_UP,
        SOURCE_MAY_CHANGE,
        AUTHORITY_TAKEN,
        STARTED_WITHOUT_LEASE,
        RECOVERY_ENDED,
        CLIENTS_ARE_HELD,
        NO_AUTHORITY,
        CRASHED,
        CRASHED_WITH_NO_SUCCESSOR,
        CRASHED_AND_BACK_SOON,
        RECOVERY_TAKES_TOO_LONG,
        SESSION_OF_ANOTHER_LIFE,
        PRIMARY_MOVED,
        STREAM_IS_MISSING,
        STREAM_IS_BACK,
        DIVERGED,
        STALLED,
        NO_DATA,
        HALF_DONE,
        SYNCHRONOUS_SET_CHANGES,
        ELECTORATE_CHANGES,
        SWITCHOVER_ASKED,
        SWITCHOVER_REFUSED,
        SWITCHOVER_DRAINS,
        SWITCHOVER_STOPS,
        SWITCHOVER_HANDS_OVER
    }

    /**
     * @param trouble the last one, empty if there was none
     */
    public static Reason notLooking(Duration ago, String trouble) {
        String why = trouble.isEmpty() ? "the last round has not ended" : trouble;
        return of(
                Code.NOT_LOOKING,
                "this member last looked at its Postgres %d s ago: %s"
                        .formatted(ago.toSeconds(), why));
    }

    static Reason of(Code code, String detail) {
        return new Reason(code, detail);
    }

    @Override
    public String toString() {
        return detail;
    }
}
