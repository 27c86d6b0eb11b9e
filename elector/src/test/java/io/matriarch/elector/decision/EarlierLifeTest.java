package io.matriarch.elector.decision;

import static io.matriarch.elector.decision.DeciderTest.assertReason;
import static io.matriarch.elector.decision.Situations.EPOCH;
import static io.matriarch.elector.decision.Situations.N1;
import static io.matriarch.elector.decision.Situations.data;
import static io.matriarch.elector.decision.Situations.primary;
import static io.matriarch.elector.decision.Situations.standby;
import static io.matriarch.elector.decision.Situations.stopped;
import static io.matriarch.elector.decision.Situations.well;

import io.matriarch.elector.decision.Reason.Code;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.OwnPostgres;
import io.matriarch.elector.situation.OwnPostgres.Cause;
import io.matriarch.elector.situation.OwnPostgres.Repair;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A session that an earlier life of this member, or another one under its name, has left. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EarlierLifeTest {

    @Test
    void the_lease_of_an_earlier_life_runs_out_undisturbed() {
        Decision decision = well().seenBy(N1).with(primary()).decided();

        assertReason(decision, Decision.Stay.class, Code.WAITING_FOR_EXPIRY);
    }

    @Test
    void a_fenced_postgres_of_an_earlier_life_is_released_with_proof() {
        Decision decision = well().seenBy(N1).with(stopped(EPOCH, Cause.FENCED)).decided();

        assertReason(decision, Decision.Release.class, Code.SESSION_OF_ANOTHER_LIFE);
    }

    /** On another host, that is reached by the same name. The primary itself may live. */
    @Test
    void a_copy_of_the_primary_s_disk_does_not_give_its_authority_up() {
        OwnPostgres copy =
                new OwnPostgres.Stopped(
                        data(EPOCH, Repair.NONE, true), Cause.NOT_STARTED, null, Epoch.NONE);

        Decision decision = well().seenBy(N1).with(copy).decided();

        assertReason(decision, Decision.StartAsStandby.class, Code.WAITING_FOR_EXPIRY);
        assertReason(
                well().seenBy(N1)
                        .with(standby(Situations.TIMELINE, Situations.END, null))
                        .decided(),
                Decision.Stay.class,
                Code.WAITING_FOR_EXPIRY);
    }
}
