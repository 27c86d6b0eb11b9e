package io.matriarch.elector.control;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the sidecar wants of the supervisor.
 *
 * @param sequence rises with every change; a crashed Postgres is started again only for a higher
 *     one
 */
public record DesiredState(long sequence, boolean isRunning, StopMode stopMode) {

    /** PostgreSQL's fast and immediate shutdown; smart is never asked for. */
    public enum StopMode {
        FAST,
        IMMEDIATE
    }

    ControlRecord toRecord() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("format", "1");
        values.put("sequence", Long.toString(sequence));
        values.put("state", isRunning ? "running" : "stopped");
        values.put("stop_mode", stopMode.name().toLowerCase(Locale.ROOT));
        return new ControlRecord(values);
    }

    static DesiredState of(ControlRecord record) {
        return new DesiredState(
                Long.parseLong(record.value("sequence")),
                record.value("state").equals("running"),
                StopMode.valueOf(record.value("stop_mode").toUpperCase(Locale.ROOT)));
    }
}
