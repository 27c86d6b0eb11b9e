package io.matriarch.local.plan;

import io.matriarch.cli.CommandFailure;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes the plan of a cluster that is about to be started, for the first time or again. */
public final class Planning {

    private static final int SECRET_BYTES = 16;

    private Planning() {}

    public static LocalPlan of(
            LocalDirectory directory, LocalShape shape, LocalPlan.Host host, Ports range) {
        LocalPlan before = LocalPlan.readFrom(directory);
        if (before == null) {
            Map<String, Integer> ports = range.pick(Ports.namesFor(shape), Map.of());
            return new LocalPlan(UUID.randomUUID().toString(), shape, host, ports, secrets());
        }
        requireSame("nodes", before.shape().nodes(), shape.nodes());
        requireSame("store", before.shape().store(), shape.store());
        requireSame("user", before.shape().user(), shape.user());
        requireSame("database", before.shape().database(), shape.database());
        requireSame("PostgreSQL", before.host().postgresPrograms(), host.postgresPrograms());
        requireSame("user of the processes", before.host().runAs(), host.runAs());
        Map<String, Integer> ports = range.pick(Ports.namesFor(shape), before.ports());
        return new LocalPlan(before.id(), shape, host, ports, before.secrets());
    }

    private static void requireSame(String what, @Nullable Object before, @Nullable Object now) {
        if (!Objects.equals(before, now)) {
            throw CommandFailure.refused(
                    what + ": " + now + " (expected: " + before + ", as the cluster was made)",
                    "give another directory, or the same value");
        }
    }

    private static LocalPlan.Secrets secrets() {
        SecureRandom random = new SecureRandom();
        return new LocalPlan.Secrets(
                secret(random), secret(random), secret(random), secret(random), secret(random));
    }

    private static String secret(SecureRandom random) {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
