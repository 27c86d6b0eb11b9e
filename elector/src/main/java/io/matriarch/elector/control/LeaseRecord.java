package io.matriarch.elector.control;

import io.matriarch.elector.situation.Epoch;
import io.matriarch.postgres.BootTime;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the sidecar permits its Postgres.
 *
 * @param system system identifier, or {@code -} before initdb
 * @param mayBePrimary whether a primary may run until {@code deadline}
 */
public record LeaseRecord(
        String cluster,
        String system,
        String incarnation,
        Epoch epoch,
        boolean mayBePrimary,
        BootTime deadline,
        long sequence) {

    ControlRecord toRecord() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("format", "1");
        values.put("cluster", cluster);
        values.put("system", system);
        values.put("incarnation", incarnation);
        values.put("epoch", epoch.toString());
        values.put("role", mayBePrimary ? "primary" : "standby");
        values.put("deadline", mayBePrimary ? deadline.toSeconds() : "0");
        values.put("sequence", Long.toString(sequence));
        return new ControlRecord(values);
    }

    static LeaseRecord of(ControlRecord record) {
        return new LeaseRecord(
                record.value("cluster"),
                record.value("system"),
                record.value("incarnation"),
                Epoch.parse(record.value("epoch")),
                record.value("role").equals("primary"),
                BootTime.parseSeconds(record.value("deadline")),
                Long.parseLong(record.value("sequence")));
    }
}
